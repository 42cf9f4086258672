package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.audit.JdbcAuditLog;
import dev.tally.half.CheckBack;
import dev.tally.half.HalfMessageBreaker;
import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessages;
import dev.tally.half.HandDecisions;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerCheckBack;
import dev.tally.half.LedgerName;
import dev.tally.half.RoutedHalfMessages;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.jdbc.Dialect;
import dev.tally.message.TimeOrderedIds;
import dev.tally.observation.MessageObservations;
import dev.tally.outbox.OutboxPath;
import dev.tally.publish.PublishingPath;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** Half messages: the ledger, the answer to check-backs, and the way out with its fallback. */
@AutoConfiguration(after = TallyOutboxAutoConfiguration.class)
@ConditionalOnBean({Dialect.class, HalfMessages.class})
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
@EnableConfigurationProperties(TallyHalfMessageProperties.class)
public final class TallyHalfMessageAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(TransactionLedger.class)
    @DependsOnDatabaseInitialization
    JdbcTransactionLedger tallyTransactionLedger(
            DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        return new JdbcTransactionLedger(dataSource, transactions, dialect);
    }

    @Bean
    @ConditionalOnMissingBean(CheckBack.class)
    LedgerCheckBack tallyLedgerCheckBack(
            TransactionLedger ledger,
            ObjectProvider<FurtherDataSources> further,
            ObjectProvider<HalfMessageListener> listeners) {
        Map<LedgerName, TransactionLedger> ledgers = new HashMap<>(Map.of(LedgerName.PRIMARY, ledger));
        further.ifAvailable(all -> all.forEach(each -> ledgers.put(each.name(), each.ledger())));
        return new LedgerCheckBack(ledgers, FanOut.to(HalfMessageListener.class, listeners));
    }

    @Bean
    @ConditionalOnMissingBean
    SettledTransactions tallySettledTransactions(TransactionLedger ledger, ProcessEdges edges) {
        return new SettledTransactions(ledger, edges.clock());
    }

    @Bean
    @ConditionalOnMissingBean
    HalfMessagePath tallyHalfMessagePath(
            HalfMessages halfMessages,
            Transport transport,
            TransactionLedger ledger,
            CheckBack checkBack,
            ObjectProvider<OutboxPath> outbox,
            ObjectProvider<HalfMessageListener> listeners,
            SettledTransactions settled,
            ObjectProvider<MessageObservations> observations,
            TimeOrderedIds ids,
            ProcessEdges edges,
            TallyHalfMessageProperties properties) {
        halfMessages.onCheckBack(checkBack);
        return path(
                new RoutedHalfMessages(halfMessages, transport),
                ledger,
                properties.fallsBack() ? outbox.getObject() : null,
                LedgerName.PRIMARY,
                FanOut.to(HalfMessageListener.class, listeners),
                settled,
                observations.getIfAvailable(MessageObservations::none),
                ids,
                edges,
                properties);
    }

    /** The way out of one data source. */
    static HalfMessagePath path(
            HalfMessages halfMessages,
            TransactionLedger ledger,
            @Nullable PublishingPath fallback,
            LedgerName name,
            HalfMessageListener listener,
            SettledTransactions settled,
            MessageObservations observations,
            TimeOrderedIds ids,
            ProcessEdges edges,
            TallyHalfMessageProperties properties) {
        return new HalfMessagePath(
                halfMessages,
                ledger,
                fallback,
                // They grow with time, so that the ledger's primary key is written at its end.
                name.ids(() -> ids.get().value()),
                properties.prepareTimeout(),
                listener,
                settled,
                HalfMessageBreaker.closed(properties.prepareTimeout(), edges.clock()),
                edges.clock(),
                observations);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(HalfMessageInspection.class)
    RecentParkedHalves tallyRecentParkedHalves(HalfMessageInspection inspection, ProcessEdges edges) {
        return new RecentParkedHalves(inspection, edges.clock(), StarterThreads.scheduler("tally-half-inspection", 1));
    }

    @Bean
    @ConditionalOnMissingBean(AuditLog.class)
    @DependsOnDatabaseInitialization
    JdbcAuditLog tallyAuditLog(DataSource dataSource, ProcessEdges edges) {
        return new JdbcAuditLog(dataSource, edges.uniqueNames());
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(HalfMessageInspection.class)
    @ConditionalOnProperty(name = "tally.half-message.decide-by-hand", havingValue = "true")
    HandDecisions tallyHandDecisions(
            HalfMessages halfMessages,
            HalfMessageInspection inspection,
            TransactionLedger ledger,
            AuditLog audit,
            PlatformTransactionManager transactions,
            ObjectProvider<FurtherDataSources> further,
            TallyHalfMessageProperties properties) {
        Duration timeout = properties.prepareTimeout();
        Map<LedgerName, HandDecisions> others = new HashMap<>();
        further.ifAvailable(all -> all.forEach(each -> others.put(
                each.name(),
                new HandDecisions(
                        halfMessages, inspection, each.ledger(), each.audit(), each.transactions(), timeout))));
        return new HandDecisions(halfMessages, inspection, ledger, audit, transactions, timeout, others);
    }
}
