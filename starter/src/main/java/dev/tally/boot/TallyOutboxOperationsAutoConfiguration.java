package dev.tally.boot;

import dev.tally.audit.AuditLog;
import dev.tally.audit.JdbcAuditLog;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.half.LedgerName;
import dev.tally.message.PayloadCodec;
import dev.tally.outbox.operations.OperationsStore;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.operations.OutboxOperations;
import dev.tally.outbox.operations.PayloadCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** What people can do with the outboxes of all data sources. */
@AutoConfiguration(
        after = {
            TallyOutboxAutoConfiguration.class,
            TallyDataSourcesAutoConfiguration.class,
            TallyHalfMessageAutoConfiguration.class,
            TallyConsumerAutoConfiguration.class
        })
@ConditionalOnBean({OutboxInspection.class, OperationsStore.class, RecentOutboxStats.class})
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
@EnableConfigurationProperties(TallyOutboxOperationsProperties.class)
public final class TallyOutboxOperationsAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(AuditLog.class)
    @DependsOnDatabaseInitialization
    JdbcAuditLog tallyOutboxAuditLog(DataSource dataSource, ProcessEdges edges) {
        return new JdbcAuditLog(dataSource, edges.uniqueNames());
    }

    @Bean
    @ConditionalOnMissingBean
    PayloadCheck tallyPayloadCheck(PayloadCodec codec, ObjectProvider<IdempotentConsumerRegistry> consumers) {
        return PayloadCheck.decoding(codec, type -> {
            IdempotentConsumerRegistry registry = consumers.getIfAvailable();
            return registry == null ? null : registry.payloadClassOf(type);
        });
    }

    @Bean
    @ConditionalOnMissingBean
    Outboxes tallyOutboxes(
            OutboxInspection inspection,
            RecentOutboxProgress progress,
            RecentOutboxStats stats,
            OperationsStore store,
            AuditLog audit,
            PlatformTransactionManager transactions,
            ObjectProvider<FurtherDataSources> further,
            PayloadCheck payloads,
            TallyOutboxOperationsProperties properties) {
        ScheduledExecutorService threads = StarterThreads.scheduler("tally-outbox-operations", 1);
        List<OutboxAccess> all = new ArrayList<>();
        all.add(new OutboxAccess(
                LedgerName.PRIMARY,
                inspection,
                progress,
                stats,
                properties.operations() ? new OutboxOperations(store, audit, transactions, payloads, threads) : null));
        further.ifAvailable(sources -> sources.forEach(each -> all.add(new OutboxAccess(
                each.name(),
                each.inspection(),
                each.progress(),
                each.outbox(),
                properties.operations()
                        ? new OutboxOperations(
                                each.operationsStore(), each.audit(), each.transactions(), payloads, threads)
                        : null))));
        return new Outboxes(all, threads);
    }
}
