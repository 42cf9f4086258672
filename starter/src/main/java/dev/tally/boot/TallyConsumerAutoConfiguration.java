package dev.tally.boot;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.InboxStore;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.jdbc.Dialect;
import dev.tally.message.PayloadCodec;
import dev.tally.observation.MessageObservations;
import dev.tally.transport.Transport;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** Consumers: the inbox, and the registry that subscribes annotated handlers. */
@AutoConfiguration(after = {TallySchemaAutoConfiguration.class, TallyRocketMqAutoConfiguration.class})
@ConditionalOnBean({Dialect.class, Transport.class})
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
public final class TallyConsumerAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(InboxStore.class)
    @DependsOnDatabaseInitialization
    JdbcInboxStore tallyInboxStore(DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        return new JdbcInboxStore(dataSource, transactions, dialect);
    }

    @Bean
    @ConditionalOnMissingBean
    IdempotentConsumerRegistry tallyIdempotentConsumerRegistry(
            ConfigurableListableBeanFactory beanFactory,
            Transport transport,
            InboxStore inbox,
            PlatformTransactionManager transactions,
            PayloadCodec codec,
            ObjectProvider<ConsumeListener> listeners,
            ObjectProvider<MessageObservations> observations,
            ProcessEdges edges) {
        return new IdempotentConsumerRegistry(
                beanFactory,
                transport,
                inbox,
                transactions,
                codec,
                FanOut.to(ConsumeListener.class, listeners),
                edges.clock(),
                observations.getIfAvailable(MessageObservations::none));
    }
}
