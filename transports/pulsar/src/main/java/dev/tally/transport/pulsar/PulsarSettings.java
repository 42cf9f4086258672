package dev.tally.transport.pulsar;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PulsarTransport} allows itself; how brokers are reached is its client's affair. Immutable.
 *
 * @param tenant the tenant of topics that are named without one; {@code public} by default
 * @param namespace the namespace of topics that are named without one; {@code default} by default
 * @param sendTimeout how long a send waits for the broker's confirmation, at least 1 ms; 5 seconds by default
 * @param closeTimeout how long closing waits for running handlers, and again for the client; 10 seconds by default
 * @param maxMessageBytes the largest message, with key, headers and some hundred bytes that Pulsar adds; 5 MiB by default,
 *     which is also the brokers' default of {@code maxMessageSize}
 * @param window messages of a subscription that may be here unsettled; the client fetches a quarter of it ahead, for each
 *     partition. 1000 by default, which is too much for large messages
 * @param retryDelay the first pause before a message that failed is tried again, doubled with each attempt up to 30 seconds
 *     or itself, whichever is longer; 1 second by default
 * @param maxDelay how far ahead the brokers keep delayed messages back; what is delayed for longer waits with the sender. 1
 *     day by default; zero where {@code delayedDeliveryEnabled} is off at the brokers: all of it waits with the sender then
 * @param deadLetterSubscription the subscription that is created with each topic of dead letters, since Pulsar drops what no
 *     subscription wants; {@code dead-letters} by default, {@code null} to create none where the namespace retains messages
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more, by retries, dead letters or a
 *     subscription that was reset; 7 days by default
 * @param handlerThreads makes the threads that run handlers, one for each that runs; virtual threads for instance. Daemon
 *     threads of the platform by default, which are kept for a minute ({@code null})
 * @since 0.1
 */
public record PulsarSettings(
        String tenant,
        String namespace,
        Duration sendTimeout,
        Duration closeTimeout,
        int maxMessageBytes,
        int window,
        Duration retryDelay,
        Duration maxDelay,
        @Nullable String deadLetterSubscription,
        Duration redeliveryHorizon,
        @Nullable ThreadFactory handlerThreads) {

    public PulsarSettings {
        var unused = new TopicNames(tenant, namespace);
        require(sendTimeout.toMillis() >= 1, "sendTimeout is " + sendTimeout + ", at least 1 ms is possible");
        require(
                sendTimeout.toMillis() <= Integer.MAX_VALUE,
                "sendTimeout is " + sendTimeout + ", the client counts at most " + Integer.MAX_VALUE + " ms");
        require(!closeTimeout.isNegative(), "closeTimeout is " + closeTimeout + ", negative");
        require(maxMessageBytes >= 1, "maxMessageBytes is " + maxMessageBytes + ", at least 1 is possible");
        require(window >= 1, "window is " + window + ", at least 1 is possible");
        require(retryDelay.toNanos() > 0, "retryDelay is " + retryDelay + ", not positive");
        require(!maxDelay.isNegative(), "maxDelay is " + maxDelay + ", negative");
        require(
                deadLetterSubscription == null || !deadLetterSubscription.isBlank(),
                "deadLetterSubscription is blank; null is for none");
        require(!redeliveryHorizon.isNegative(), "redeliveryHorizon is " + redeliveryHorizon + ", negative");
    }

    /** Begins settings; each has a default. */
    public static Builder builder() {
        return new Builder();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("Cannot create Pulsar settings: " + otherwise);
        }
    }

    /** Collects the settings. Not thread-safe. */
    public static final class Builder {

        private String tenant = "public";
        private String namespace = "default";
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private int maxMessageBytes = 5 * 1024 * 1024;
        private int window = 1000;
        private Duration retryDelay = Duration.ofSeconds(1);
        private Duration maxDelay = Duration.ofDays(1);
        private @Nullable String deadLetterSubscription = "dead-letters";
        private Duration redeliveryHorizon = Duration.ofDays(7);
        private @Nullable ThreadFactory handlerThreads;

        private Builder() {}

        /** See {@link PulsarSettings#tenant()}. */
        public Builder tenant(String tenant) {
            this.tenant = tenant;
            return this;
        }

        /** See {@link PulsarSettings#namespace()}. */
        public Builder namespace(String namespace) {
            this.namespace = namespace;
            return this;
        }

        /** See {@link PulsarSettings#sendTimeout()}. */
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /** See {@link PulsarSettings#closeTimeout()}. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /** See {@link PulsarSettings#maxMessageBytes()}. */
        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /** See {@link PulsarSettings#window()}. */
        public Builder window(int window) {
            this.window = window;
            return this;
        }

        /** See {@link PulsarSettings#retryDelay()}. */
        public Builder retryDelay(Duration retryDelay) {
            this.retryDelay = retryDelay;
            return this;
        }

        /** See {@link PulsarSettings#maxDelay()}. */
        public Builder maxDelay(Duration maxDelay) {
            this.maxDelay = maxDelay;
            return this;
        }

        /** See {@link PulsarSettings#deadLetterSubscription()}. */
        public Builder deadLetterSubscription(@Nullable String deadLetterSubscription) {
            this.deadLetterSubscription = deadLetterSubscription;
            return this;
        }

        /** See {@link PulsarSettings#redeliveryHorizon()}. */
        public Builder redeliveryHorizon(Duration redeliveryHorizon) {
            this.redeliveryHorizon = redeliveryHorizon;
            return this;
        }

        /** See {@link PulsarSettings#handlerThreads()}. */
        public Builder handlerThreads(@Nullable ThreadFactory handlerThreads) {
            this.handlerThreads = handlerThreads;
            return this;
        }

        /** The settings. */
        public PulsarSettings build() {
            return new PulsarSettings(
                    tenant,
                    namespace,
                    sendTimeout,
                    closeTimeout,
                    maxMessageBytes,
                    window,
                    retryDelay,
                    maxDelay,
                    deadLetterSubscription,
                    redeliveryHorizon,
                    handlerThreads);
        }
    }
}
