package dev.tally.boot;

import dev.tally.boot.diagnostics.NameServerMissingException;
import dev.tally.boot.transport.choice.ConditionalOnTransport;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.util.Optional;
import org.apache.rocketmq.spring.autoconfigure.RocketMQProperties;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** The RocketMQ transport, by the application's own {@code rocketmq.*} properties. */
@AutoConfiguration(
        after = TallyCoreAutoConfiguration.class,
        afterName = "org.apache.rocketmq.spring.autoconfigure.RocketMQAutoConfiguration")
@ConditionalOnClass(RocketMqTransport.class)
@ConditionalOnBean(ProcessEdges.class)
@ConditionalOnTransport("rocketmq")
@EnableConfigurationProperties({
    RocketMQProperties.class,
    TallyRocketMqProperties.class,
    TallyHalfMessageProperties.class
})
public final class TallyRocketMqAutoConfiguration {

    private static final String ILLEGAL_IN_GROUPS = "[^%|a-zA-Z0-9_-]";

    @Bean
    @ConditionalOnMissingBean
    RocketMqSettings tallyRocketMqSettings(
            RocketMQProperties rocketMq,
            TallyRocketMqProperties properties,
            TallyHalfMessageProperties halfMessages,
            ObjectProvider<BrokerAddress> embedded,
            ProcessEdges edges,
            Environment environment) {
        RocketMQProperties.Producer producer =
                Optional.ofNullable(rocketMq.getProducer()).orElseGet(RocketMQProperties.Producer::new);
        return RocketMqSettings.builder(
                        nameServer(rocketMq, embedded),
                        producerGroup(properties, producer, environment),
                        edges.uniqueNames().get())
                .credentials(text(producer.getAccessKey()), text(producer.getSecretKey()))
                .namespace(text(producer.getNamespace()))
                .tls(producer.isTlsEnable())
                .maxMessageBytes(producer.getMaxMessageSize())
                .sendTimeout(properties.sendTimeout())
                .closeTimeout(properties.closeTimeout())
                .consumeBatchSize(properties.consumeBatchSize())
                .cachedMessagesPerQueue(properties.cachedMessagesPerQueue())
                .orderedRetryDelay(properties.orderedRetryDelay())
                .createMissingTopics(properties.createMissingTopics())
                .checkHorizon(halfMessages.checkHorizon())
                .maxDelay(properties.maxDelay())
                .redeliveryHorizon(properties.redeliveryHorizon())
                .handlerThreads(HandlerThreads.of(environment))
                .build();
    }

    @Bean(destroyMethod = "close")
    RocketMqTransport tallyRocketMqTransport(RocketMqSettings settings) {
        return new RocketMqTransport(settings);
    }

    /** A property that is set to nothing, for instance by an empty environment variable, is not set. */
    private static @Nullable String text(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    private static String nameServer(RocketMQProperties rocketMq, ObjectProvider<BrokerAddress> embedded) {
        return Optional.ofNullable(text(rocketMq.getNameServer()))
                .or(() -> embedded.stream().findFirst().map(BrokerAddress::nameServer))
                .orElseThrow(NameServerMissingException::new);
    }

    private static String producerGroup(
            TallyRocketMqProperties properties, RocketMQProperties.Producer producer, Environment environment) {
        return Optional.ofNullable(text(properties.producerGroup()))
                .or(() -> Optional.ofNullable(text(producer.getGroup()))
                        .or(() -> Optional.ofNullable(environment.getProperty("spring.application.name")))
                        .map(name -> name.replaceAll(ILLEGAL_IN_GROUPS, "_") + "-tally"))
                .orElse("tally");
    }
}
