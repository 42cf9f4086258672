package dev.tally.boot;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.boot.diagnostics.H2WriteDelayCheck;
import dev.tally.boot.diagnostics.MySqlSettingsCheck;
import dev.tally.boot.diagnostics.PostgresqlDurabilityCheck;
import dev.tally.boot.diagnostics.TablesCheck;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.consume.deadletter.JdbcDeadLetterStore;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessages;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerName;
import dev.tally.half.RoutedHalfMessages;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.jdbc.Dialect;
import dev.tally.message.PayloadCodec;
import dev.tally.message.TimeOrderedIds;
import dev.tally.observation.MessageObservations;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxArchive;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.jdbc.JdbcProgressStore;
import dev.tally.outbox.operations.OperationsStore;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.publish.PendingChanges;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.TransactionMarks;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.transport.Transport;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.ConfigurableTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;

/** What all further data sources share, and from which what each has for itself is made. */
record FurtherDataSourceParts(
        Transport transport,
        @Nullable HalfMessages halfMessages,
        PayloadCodec codec,
        TimeOrderedIds messageIds,
        ProcessEdges edges,
        OutboxRetryRules retryRules,
        OutboxListener outboxListener,
        HalfMessageListener halfMessageListener,
        PublishListener publishListener,
        MessageObservations observations,
        TallyJdbcProperties jdbc,
        TallyOutboxProperties outbox,
        TallyHalfMessageProperties half) {

    FurtherDataSource create(TallyDataSource declared) {
        DataSource dataSource = declared.dataSource();
        if (declared.transactions() instanceof ConfigurableTransactionManager manager) {
            TransactionMarks.on(manager);
        }
        Dialect dialect = Dialect.of(dataSource);
        prepareTables(dataSource, dialect);

        JdbcOutboxStore store = JdbcOutboxStore.create(dataSource, dialect, outbox.retention());
        OutboxRuntime runtime = OutboxRuntime.of(
                "tally-outbox-" + declared.name(),
                store,
                transport,
                edges,
                outbox.settings("-" + declared.name()),
                retryRules,
                outboxListener);
        OutboxPath outboxPath = new OutboxPath(store, runtime.relay(), transport);

        LedgerName name = declared.ledgerName();
        TransactionLedger ledger = new JdbcTransactionLedger(dataSource, declared.transactions(), dialect);
        SettledTransactions settled = new SettledTransactions(ledger, edges.clock());
        HalfMessagePath halfPath = halfMessages == null
                ? null
                : TallyHalfMessageAutoConfiguration.path(
                        new RoutedHalfMessages(halfMessages, transport),
                        ledger,
                        half.fallsBack() ? outboxPath : null,
                        name,
                        halfMessageListener,
                        settled,
                        observations,
                        messageIds,
                        edges,
                        half);
        Map<Via, PublishingPath> paths = new EnumMap<>(Via.class);
        paths.put(Via.OUTBOX, outboxPath);
        if (halfPath != null) {
            paths.put(Via.HALF_MESSAGE, halfPath);
        }
        TransactionalMessagePublisher publisher = new TransactionalMessagePublisher(
                codec,
                messageIds,
                dataSource,
                paths,
                pendingChanges(declared.transactions()),
                publishListener,
                edges.clock(),
                observations);
        OperationsStore operations = JdbcOperationsStore.create(dataSource, dialect);
        OutboxInspection inspection =
                new OutboxInspection(operations, JdbcProgressStore.create(dataSource, dialect), outbox.nodeExpiry());
        return new FurtherDataSource(
                name,
                runtime,
                new RecentOutboxStats(runtime.relay(), edges.clock()),
                operations,
                inspection,
                new RecentOutboxProgress(inspection, edges.clock()),
                declared.transactions(),
                ledger,
                new JdbcAuditLog(dataSource, edges.uniqueNames()),
                settled,
                halfPath,
                publisher,
                store,
                JdbcOutboxArchive.create(dataSource, dialect),
                new JdbcInboxStore(dataSource, declared.transactions(), dialect),
                new JdbcDeadLetterStore(dataSource, dialect));
    }

    /** As for the primary data source, whose initializer and checks are beans. */
    private void prepareTables(DataSource dataSource, Dialect dialect) {
        TallySchemaAutoConfiguration.initializer(dataSource, dialect, jdbc).initializeDatabase();
        new TablesCheck(dataSource, dialect).afterPropertiesSet();
        new H2WriteDelayCheck(dataSource, dialect).afterPropertiesSet();
        new PostgresqlDurabilityCheck(dataSource, dialect).afterPropertiesSet();
        new MySqlSettingsCheck(dataSource, dialect, jdbc.largestPayload()).afterPropertiesSet();
    }

    private static List<PendingChanges> pendingChanges(PlatformTransactionManager transactions) {
        return JpaOfManager.isPresent() ? JpaOfManager.pendingChanges(transactions) : List.of();
    }
}
