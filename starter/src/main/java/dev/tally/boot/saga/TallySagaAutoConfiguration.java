package dev.tally.boot.saga;

import dev.tally.audit.AuditLog;
import dev.tally.boot.FanOut;
import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyConsumerAutoConfiguration;
import dev.tally.boot.TallyPublishingAutoConfiguration;
import dev.tally.boot.diagnostics.TablesCheck;
import dev.tally.consume.PayloadValidator;
import dev.tally.jdbc.Dialect;
import dev.tally.message.PayloadCodec;
import dev.tally.publish.MessagePublisher;
import dev.tally.retention.RetentionRound;
import dev.tally.saga.SagaListener;
import dev.tally.saga.Sagas;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.EngineParts;
import dev.tally.saga.engine.SagaDataCodec;
import dev.tally.saga.engine.SagaDefinitions;
import dev.tally.saga.engine.SagaOperations;
import dev.tally.saga.engine.SteadyClock;
import dev.tally.saga.engine.TransactionalSagas;
import dev.tally.saga.jdbc.JdbcSagaLockOperations;
import dev.tally.saga.jdbc.JdbcSagaLocks;
import dev.tally.saga.jdbc.JdbcSagaSearch;
import dev.tally.saga.jdbc.JdbcSagaStore;
import dev.tally.saga.lock.LockKeeper;
import dev.tally.saga.lock.SagaLocks;
import dev.tally.saga.store.SagaStore;
import dev.tally.saga.view.SagaViews;
import dev.tally.transport.Transport;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The orchestrator, where there are definitions of sagas. */
@AutoConfiguration(after = {TallyConsumerAutoConfiguration.class, TallyPublishingAutoConfiguration.class})
@ConditionalOnBean({SagaDefinition.class, Transport.class, MessagePublisher.class, Dialect.class})
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
@EnableConfigurationProperties(TallySagaProperties.class)
public final class TallySagaAutoConfiguration {

    @Bean
    @DependsOnDatabaseInitialization
    TablesCheck tallySagaTablesCheck(DataSource dataSource, Dialect dialect) {
        return TablesCheck.ofSagas(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean(SagaStore.class)
    @DependsOnDatabaseInitialization
    JdbcSagaStore tallySagaStore(DataSource dataSource, Dialect dialect) {
        return new JdbcSagaStore(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean(SagaLocks.class)
    JdbcSagaLocks tallySagaLocks(DataSource dataSource, Dialect dialect) {
        return new JdbcSagaLocks(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean
    SagaDefinitions tallySagaDefinitions(
            ObjectProvider<SagaDefinition<?>> definitions, TallySagaProperties properties) {
        SagaDefinitions all = new SagaDefinitions(definitions.stream().toList());
        all.requireRemembered(properties.barrierRetention());
        return all;
    }

    @Bean
    SagaLog tallySagaLog() {
        return new SagaLog();
    }

    @Bean
    @ConditionalOnMissingBean
    EngineParts tallySagaEngineParts(
            SagaDefinitions definitions,
            SagaStore store,
            SagaLocks locks,
            MessagePublisher publisher,
            PayloadCodec codec,
            ObjectProvider<JsonMapper> mapper,
            PlatformTransactionManager transactions,
            ProcessEdges edges,
            ObjectProvider<SagaListener> listeners,
            TallySagaProperties properties,
            @Value("${spring.application.name:application}") String application) {
        return new EngineParts(
                definitions,
                store,
                locks,
                publisher,
                codec,
                new SagaDataCodec(mapper.getIfAvailable(JsonMapper::shared)),
                transactions,
                new SteadyClock(edges.clock(), System::nanoTime),
                edges.random(),
                edges.uniqueNames(),
                properties::topicOf,
                properties.replyTopic().isBlank() ? application + "-saga-replies" : properties.replyTopic(),
                FanOut.to(SagaListener.class, listeners));
    }

    @Bean
    @ConditionalOnMissingBean
    SagaOperations tallySagaOperations(EngineParts parts, AuditLog audit, ObjectProvider<PayloadValidator> validators) {
        PayloadValidator validator = validators.getIfAvailable();
        Consumer<Object> check = validator == null ? data -> {} : data -> requireValid(validator, data);
        return new SagaOperations(parts, audit, check);
    }

    private static void requireValid(PayloadValidator validator, Object data) {
        List<String> faults = validator.faultsOf(data);
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException("the data would not be valid: " + faults);
        }
    }

    @Bean
    @ConditionalOnMissingBean
    LockKeeper tallySagaLockKeeper(
            DataSource dataSource,
            Dialect dialect,
            SagaStore store,
            AuditLog audit,
            PlatformTransactionManager transactions,
            ProcessEdges edges) {
        return new LockKeeper(
                new JdbcSagaLockOperations(dataSource, dialect), store, audit, transactions, edges.clock());
    }

    @Bean
    SagaRuntime tallySagaRuntime(
            EngineParts parts,
            Transport transport,
            TallySagaProperties properties,
            SagaOperations operations,
            LockKeeper locks,
            @Value("${spring.application.name:application}") String application) {
        return new SagaRuntime(parts, transport, properties, operations, locks, application);
    }

    @Bean
    @ConditionalOnMissingBean
    TransactionalSagas tallyTransactionalSagas(EngineParts parts, SagaRuntime runtime) {
        return new TransactionalSagas(parts, runtime::nudge);
    }

    @Bean
    RetentionRound.Table tallySagaRetention(
            SagaStore store,
            PlatformTransactionManager transactions,
            ProcessEdges edges,
            TallySagaProperties properties) {
        TransactionTemplate transaction = new TransactionTemplate(transactions);
        return new RetentionRound.Table("ended sagas", properties.retention(), (age, limit) -> {
            Integer removed = transaction.execute(
                    status -> store.purgeEnded(edges.clock().instant().minus(age), limit));
            return removed == null ? 0 : removed;
        });
    }

    @Bean
    @ConditionalOnMissingBean
    SagaViews tallySagaViews(SagaStore store, SagaDefinitions definitions) {
        return new SagaViews(store, definitions);
    }

    @Bean
    SagaAccess tallySagaAccess(
            SagaDefinitions definitions,
            DataSource dataSource,
            SagaViews views,
            SagaOperations operations,
            LockKeeper locks,
            TallySagaProperties properties) {
        return new SagaAccess(
                definitions, new JdbcSagaSearch(dataSource), views, locks, properties.operations() ? operations : null);
    }

    /** Lazy within, since definitions need beans that need this one. */
    @Bean
    @org.springframework.context.annotation.Primary
    @ConditionalOnMissingBean(name = "tallySagas")
    static Sagas tallySagas(ObjectProvider<TransactionalSagas> engine) {
        return new LazySagas(engine::getObject);
    }
}
