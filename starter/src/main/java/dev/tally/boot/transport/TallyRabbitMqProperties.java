package dev.tally.boot.transport;

import dev.tally.transport.rabbitmq.ForeignWithoutId;
import dev.tally.transport.rabbitmq.Unroutable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Tally's use of RabbitMQ. Addresses, user, virtual host, TLS and time-outs of connections are those of spring.rabbitmq.
 *
 * @param sendTimeout how long a send waits for the broker's confirmation
 * @param closeTimeout how long a stop waits for running handlers
 * @param maxMessageSize the largest payload; at most the broker's max_message_size
 * @param window messages of one subscription that are here and not acknowledged, at most 65535 (prefetch); the same in all
 *     instances of a service
 * @param retryDelay first pause before a message that failed is tried again, doubled with each attempt up to 30 s
 * @param createMissingTopics whether exchanges and queues that do not exist are created
 * @param unroutable what becomes of a message to an exchange to which no queue is bound: the send fails and is repeated, or
 *     the message is dropped
 * @param foreignWithoutId what becomes of a message of another producer that has no message-id: it is dead-lettered, or a
 *     digest of its content is its id, so that two that are alike take effect once
 * @param cloudEventSource the source of messages as CloudEvents; by default spring.application.name with "/" before it.
 *     Nothing, to write no attributes of CloudEvents
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more, which RabbitMQ does not limit.
 *     tally.jdbc.inbox-retention has to be longer
 */
@ConfigurationProperties("tally.rabbitmq")
record TallyRabbitMqProperties(
        @DefaultValue("5s") Duration sendTimeout,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("16MB") DataSize maxMessageSize,
        @DefaultValue("250") int window,
        @DefaultValue("1s") Duration retryDelay,
        @DefaultValue("true") boolean createMissingTopics,
        @DefaultValue("fail") Unroutable unroutable,
        @DefaultValue("refuse") ForeignWithoutId foreignWithoutId,
        @Nullable String cloudEventSource,
        @DefaultValue("7d") Duration redeliveryHorizon) {}
