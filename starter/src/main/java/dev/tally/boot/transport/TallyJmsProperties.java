package dev.tally.boot.transport;

import dev.tally.boot.HandlerThreads;
import dev.tally.transport.jms.JmsSettings;
import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/**
 * Tally's use of ActiveMQ Artemis and ActiveMQ Classic. Address and credentials are those of spring.artemis and
 * spring.activemq, or of the application's connection factory.
 *
 * @param sendTimeout how long a send waits for the confirmation, and a start for the connection of a subscription
 * @param closeTimeout how long a stop waits for running handlers
 * @param maxMessageSize the largest payload
 * @param window messages of a subscription that are here and not acknowledged, at most
 * @param retryDelay first pause before a message is tried again, doubled with each attempt up to 30 s
 * @param maxDelay how far ahead Artemis keeps delayed messages back; longer ones, and those of Classic, wait in the outbox
 *     until they are due
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more: for how long a group may be
 *     away, or dead letters may wait for their replay. tally.jdbc.inbox-retention has to be longer
 * @param cloudEventSource the source of messages as CloudEvents; by default spring.application.name with "/" before it.
 *     Empty, or without either, messages have no CloudEvents attributes
 */
@ConfigurationProperties("tally.jms")
record TallyJmsProperties(
        @DefaultValue("5s") Duration sendTimeout,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("4MB") DataSize maxMessageSize,
        @DefaultValue("256") int window,
        @DefaultValue("1s") Duration retryDelay,
        @DefaultValue("7d") Duration maxDelay,
        @DefaultValue("7d") Duration redeliveryHorizon,
        @Nullable String cloudEventSource) {

    /** These, with the broker that a factory leads to. */
    JmsSettings settings(ConnectionFactory factory, Environment environment) {
        return JmsSettings.builder(factory)
                .sendTimeout(sendTimeout)
                .closeTimeout(closeTimeout)
                .maxMessageBytes(Math.toIntExact(maxMessageSize.toBytes()))
                .window(window)
                .retryDelay(retryDelay)
                .maxDelay(maxDelay)
                .redeliveryHorizon(redeliveryHorizon)
                .cloudEventSource(CloudEventSource.of(cloudEventSource, environment))
                .handlerThreads(HandlerThreads.of(environment))
                .build();
    }
}
