package dev.tally.boot.transport;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Tally's use of Pulsar. Addresses and authentication are those of spring.pulsar.client.
 *
 * @param tenant the tenant of topics that are named without one; by default spring.pulsar.defaults.topic.tenant, else
 *     "public"
 * @param namespace the namespace of topics that are named without one; by default spring.pulsar.defaults.topic.namespace,
 *     else "default"
 * @param sendTimeout how long a send waits for the broker's confirmation
 * @param closeTimeout how long a stop waits for running handlers
 * @param maxMessageSize the largest message with key and headers; that of the brokers' maxMessageSize
 * @param window messages of a subscription that are here for handlers; the client fetches a quarter of it ahead. Less for
 *     large messages
 * @param retryDelay first pause before a message that failed is tried again, doubled with each attempt up to 30 s
 * @param maxDelay how far ahead the brokers keep delayed messages back; longer ones wait in the outbox until they are due.
 *     0s where the brokers' delayedDeliveryEnabled is off
 * @param deadLetterSubscription the subscription that is created with each topic of dead letters, since Pulsar drops what no
 *     subscription wants. Nothing, where the namespace retains messages
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more: by retries, dead letters and
 *     subscriptions that are reset. tally.jdbc.inbox-retention has to be longer
 */
@ConfigurationProperties("tally.pulsar")
record TallyPulsarProperties(
        @Nullable String tenant,
        @Nullable String namespace,
        @DefaultValue("5s") Duration sendTimeout,
        @DefaultValue("10s") Duration closeTimeout,
        @DefaultValue("5MB") DataSize maxMessageSize,
        @DefaultValue("1000") int window,
        @DefaultValue("1s") Duration retryDelay,
        @DefaultValue("1d") Duration maxDelay,
        @DefaultValue("dead-letters") String deadLetterSubscription,
        @DefaultValue("7d") Duration redeliveryHorizon) {}
