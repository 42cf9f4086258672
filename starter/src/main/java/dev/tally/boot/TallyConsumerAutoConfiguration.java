package dev.tally.boot;

import dev.tally.boot.diagnostics.ConsumerGroupsCheck;
import dev.tally.boot.diagnostics.InboxRetentionCheck;
import dev.tally.consume.ConsumeFailureRules;
import dev.tally.consume.ConsumeListener;
import dev.tally.consume.ConsumeParts;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.InboxStore;
import dev.tally.consume.PayloadValidator;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.consume.deadletter.JdbcDeadLetterStore;
import dev.tally.jdbc.Dialect;
import dev.tally.message.PayloadCodec;
import dev.tally.message.PayloadUpcaster;
import dev.tally.message.PayloadUpcasters;
import dev.tally.observation.MessageObservations;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.transport.Transport;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** Consumers: the registry that subscribes annotated handlers. */
@AutoConfiguration(
        after = {
            TallyOutboxAutoConfiguration.class,
            TallyDataSourcesAutoConfiguration.class,
            TallyGuardAutoConfiguration.class
        })
@ConditionalOnBean({Dialect.class, Transport.class})
@ConditionalOnSingleCandidate(PlatformTransactionManager.class)
@EnableConfigurationProperties(TallyConsumerProperties.class)
public final class TallyConsumerAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(DeadLetterStore.class)
    @ConditionalOnProperty(name = "tally.consumer.dead-letters", havingValue = "database", matchIfMissing = true)
    @DependsOnDatabaseInitialization
    JdbcDeadLetterStore tallyDeadLetterStore(DataSource dataSource, Dialect dialect) {
        return new JdbcDeadLetterStore(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean
    IdempotentConsumerRegistry tallyIdempotentConsumerRegistry(
            ConfigurableListableBeanFactory beanFactory,
            Transport transport,
            ConsumeParts parts,
            ObjectProvider<FurtherDataSources> further,
            TallyConsumerProperties properties) {
        Map<String, ConsumeParts> byDataSource = new HashMap<>(Map.of("", parts));
        further.ifAvailable(
                all -> all.forEach(each -> byDataSource.put(each.name().toString(), partsIn(each, parts))));
        return new IdempotentConsumerRegistry(beanFactory, transport, byDataSource, properties);
    }

    private static ConsumeParts partsIn(FurtherDataSource dataSource, ConsumeParts primary) {
        ConsumeParts parts = primary.with(dataSource.inbox(), dataSource.transactions());
        return primary.deadLetters() == null ? parts : parts.with(dataSource.deadLetters());
    }

    @Bean
    @ConditionalOnMissingBean
    ConsumeParts tallyConsumeParts(
            InboxStore inbox,
            PlatformTransactionManager transactions,
            PayloadCodec codec,
            ObjectProvider<ConsumeListener> listeners,
            ObjectProvider<MessageObservations> observations,
            PayloadUpcasters upcasters,
            ObjectProvider<ConsumeFailureRules> rules,
            ObjectProvider<DeadLetterStore> deadLetters,
            ObjectProvider<PayloadValidator> validator,
            TallyJdbcProperties jdbc,
            ProcessEdges edges) {
        return new ConsumeParts(
                inbox,
                transactions,
                codec,
                edges.clock(),
                FanOut.to(ConsumeListener.class, listeners),
                observations.getIfAvailable(MessageObservations::none),
                upcasters,
                rules.getIfAvailable(() -> ConsumeFailureRules.RETRY),
                deadLetters.getIfAvailable(),
                jdbc.inboxRetention(),
                validator.getIfAvailable());
    }

    @Bean
    @ConditionalOnBean(InboxStore.class)
    InboxRetentionCheck tallyInboxRetentionCheck(TallyJdbcProperties jdbc, Transport transport) {
        return new InboxRetentionCheck(jdbc.inboxRetention(), transport);
    }

    @Bean
    ConsumerGroupsCheck tallyConsumerGroupsCheck(
            TallyConsumerProperties properties, IdempotentConsumerRegistry consumers) {
        return new ConsumerGroupsCheck(properties.groups().keySet(), consumers);
    }

    @Bean(destroyMethod = "close")
    RecentConsumerLags tallyRecentConsumerLags(
            IdempotentConsumerRegistry consumers, TallyConsumerProperties properties, ProcessEdges edges) {
        return new RecentConsumerLags(
                consumers::running, properties.lagLimits(), properties.lagInterval(), edges.clock());
    }

    @Bean
    @ConditionalOnMissingBean
    PayloadUpcasters tallyPayloadUpcasters(
            ObjectProvider<PayloadUpcaster> upcasters, ObjectProvider<JsonMapper> mapper) {
        return PayloadUpcasters.of(upcasters.orderedStream().toList(), mapper.getIfAvailable(JsonMapper::shared));
    }

    @Bean
    @ConditionalOnBean(JdbcOutboxStore.class)
    StoredTypesReport tallyStoredTypesReport(
            JdbcOutboxStore store, ObjectProvider<FurtherDataSources> further, IdempotentConsumerRegistry consumers) {
        Map<String, JdbcOutboxStore> stores = new LinkedHashMap<>();
        stores.put("", store);
        further.ifAvailable(all -> all.forEach(each -> stores.put(each.name().toString(), each.store())));
        return new StoredTypesReport(stores, consumers::groupsWithoutHandler);
    }
}
