package dev.tally.boot;

import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxArchive;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.jdbc.JdbcProgressStore;
import dev.tally.outbox.operations.OperationsStore;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.transport.Transport;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;

/** The outbox: its table, the relay that runs with the application, and the way out through it. */
@AutoConfiguration(
        after = TallySchemaAutoConfiguration.class,
        afterName = "dev.tally.boot.transport.TallyTransportsAutoConfiguration")
@ConditionalOnBean({Dialect.class, Transport.class})
@EnableConfigurationProperties(TallyOutboxProperties.class)
public final class TallyOutboxAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    @DependsOnDatabaseInitialization
    JdbcOutboxStore tallyOutboxStore(DataSource dataSource, Dialect dialect, TallyOutboxProperties properties) {
        return JdbcOutboxStore.create(dataSource, dialect, properties.retention());
    }

    @Bean
    @ConditionalOnMissingBean
    @DependsOnDatabaseInitialization
    JdbcOutboxArchive tallyOutboxArchive(DataSource dataSource, Dialect dialect) {
        return JdbcOutboxArchive.create(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean
    OutboxRetryRules tallyOutboxRetryRules(TallyOutboxProperties properties) {
        return properties.retry().rules();
    }

    @Bean
    @ConditionalOnMissingBean
    OutboxRuntime tallyOutboxRuntime(
            JdbcOutboxStore store,
            Transport transport,
            ProcessEdges edges,
            TallyOutboxProperties properties,
            OutboxRetryRules rules,
            ObjectProvider<OutboxListener> listeners) {
        return OutboxRuntime.of(
                "tally-outbox",
                store,
                transport,
                edges,
                properties.settings(""),
                rules,
                FanOut.to(OutboxListener.class, listeners));
    }

    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    OutboxRelay tallyOutboxRelay(OutboxRuntime runtime) {
        return runtime.relay();
    }

    @Bean
    @ConditionalOnMissingBean
    OutboxPath tallyOutboxPath(JdbcOutboxStore store, OutboxRelay relay, Transport transport) {
        return new OutboxPath(store, relay, transport);
    }

    @Bean
    @ConditionalOnMissingBean
    RecentOutboxStats tallyRecentOutboxStats(OutboxRelay relay, ProcessEdges edges) {
        return new RecentOutboxStats(relay, edges.clock());
    }

    @Bean
    @ConditionalOnMissingBean(OperationsStore.class)
    @DependsOnDatabaseInitialization
    JdbcOperationsStore tallyOutboxOperationsStore(DataSource dataSource, Dialect dialect) {
        return JdbcOperationsStore.create(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean
    OutboxInspection tallyOutboxInspection(
            OperationsStore operations, DataSource dataSource, Dialect dialect, TallyOutboxProperties properties) {
        return new OutboxInspection(operations, JdbcProgressStore.create(dataSource, dialect), properties.nodeExpiry());
    }

    @Bean
    @ConditionalOnMissingBean
    RecentOutboxProgress tallyRecentOutboxProgress(OutboxInspection inspection, ProcessEdges edges) {
        return new RecentOutboxProgress(inspection, edges.clock());
    }
}
