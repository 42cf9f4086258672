package dev.tally.boot.saga;

import dev.tally.boot.ProcessEdges;
import dev.tally.boot.TallyConsumerAutoConfiguration;
import dev.tally.boot.TallyPublishingAutoConfiguration;
import dev.tally.boot.diagnostics.TablesCheck;
import dev.tally.consume.ConsumeParts;
import dev.tally.consume.SubscriptionCustomizer;
import dev.tally.jdbc.Dialect;
import dev.tally.publish.MessagePublisher;
import dev.tally.retention.RetentionRound;
import dev.tally.saga.participant.BarrierStore;
import dev.tally.saga.participant.JdbcBarrierStore;
import dev.tally.saga.participant.ParticipantParts;
import dev.tally.saga.participant.ParticipantTopics;
import dev.tally.saga.participant.SagaParticipant;
import dev.tally.saga.participant.SagaParticipantRegistry;
import dev.tally.transport.Transport;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.context.annotation.Bean;
import org.springframework.transaction.PlatformTransactionManager;

/** Participants of sagas: the registry that subscribes annotated beans, and their barrier. */
@AutoConfiguration(after = {TallyConsumerAutoConfiguration.class, TallyPublishingAutoConfiguration.class})
@ConditionalOnBean(
        value = {ConsumeParts.class, Transport.class, MessagePublisher.class, Dialect.class},
        annotation = SagaParticipant.class)
@EnableConfigurationProperties(TallySagaProperties.class)
public final class TallySagaParticipantAutoConfiguration {

    @Bean
    @DependsOnDatabaseInitialization
    TablesCheck tallySagaBarrierTableCheck(DataSource dataSource, Dialect dialect) {
        return TablesCheck.ofParticipants(dataSource, dialect);
    }

    @Bean
    @ConditionalOnMissingBean(BarrierStore.class)
    @DependsOnDatabaseInitialization
    JdbcBarrierStore tallySagaBarrierStore(
            DataSource dataSource, PlatformTransactionManager transactions, Dialect dialect) {
        return new JdbcBarrierStore(dataSource, transactions, dialect);
    }

    @Bean
    RetentionRound.Table tallySagaBarrierRetention(BarrierStore barrier, TallySagaProperties properties) {
        // Longer than what is promised, by what clocks may differ: what is purged must be refused already.
        Duration age = properties.barrierRetention().plus(Duration.ofDays(1));
        return new RetentionRound.Table("saga barrier", age, barrier::purge);
    }

    @Bean
    @ConditionalOnMissingBean
    ParticipantTopics tallySagaParticipantTopics(TallySagaProperties properties) {
        return properties::topicOf;
    }

    @Bean
    @ConditionalOnMissingBean
    ParticipantParts tallySagaParticipantParts(
            BarrierStore barrier,
            ConsumeParts consuming,
            MessagePublisher publisher,
            ProcessEdges edges,
            TallySagaProperties properties) {
        return new ParticipantParts(
                barrier,
                consuming.transactions(),
                publisher,
                consuming.codec(),
                edges.clock(),
                consuming.listener(),
                consuming.observations(),
                consuming.upcasters(),
                consuming.deadLetters(),
                properties.barrierRetention(),
                properties.workLimit());
    }

    @Bean
    @ConditionalOnMissingBean
    SagaParticipantRegistry tallySagaParticipantRegistry(
            ConfigurableListableBeanFactory beanFactory,
            Transport transport,
            ParticipantParts parts,
            ParticipantTopics topics,
            SubscriptionCustomizer customizer) {
        return new SagaParticipantRegistry(beanFactory, transport, parts, topics, customizer);
    }
}
