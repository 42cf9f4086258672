package dev.tally.transport.jms;

import jakarta.jms.ConnectionFactory;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link JmsTransport} reaches its broker and what it allows itself there. Immutable.
 *
 * @param connectionFactory the client's own factory with the broker's address and credentials, not a pool around it: the
 *     transport has one connection for its sends and one for each subscription. It must not have a client id, which only
 *     one connection at a time may use
 * @param provider whose factory it is
 * @param sendTimeout how long a send waits for the broker's confirmation, and a subscription for its first connection; 5
 *     seconds by default
 * @param closeTimeout how long closing waits for running handlers; 10 seconds by default
 * @param maxMessageBytes the largest payload; 4 MiB by default
 * @param window messages of a subscription that are here and not acknowledged; 256 by default. With Classic also how many
 *     its client fetches ahead
 * @param firstRetryDelay the first pause before a message that failed is tried again, doubled with each attempt up to 30
 *     seconds; a second by default
 * @param maxDelay how far ahead Artemis keeps delayed messages back, which it does in memory beside its journal; what is
 *     delayed for longer waits with the sender. 7 days by default; without meaning for Classic
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more; queues keep messages for ever,
 *     so that this is for how long a group may be away, or a person may take to replay dead letters. 7 days by default
 * @param cloudEventSource the context of this application's events, a URI reference; {@code null}, the default, to write no
 *     CloudEvents attributes
 * @param handlerThreads makes the threads that run handlers, one for each that runs; virtual threads for instance. Daemon
 *     threads of the platform by default, which are kept for a minute ({@code null})
 * @since 0.1
 */
public record JmsSettings(
        ConnectionFactory connectionFactory,
        JmsProvider provider,
        Duration sendTimeout,
        Duration closeTimeout,
        int maxMessageBytes,
        int window,
        Duration firstRetryDelay,
        Duration maxDelay,
        Duration redeliveryHorizon,
        @Nullable String cloudEventSource,
        @Nullable ThreadFactory handlerThreads) {

    /** Checks the settings. */
    public JmsSettings {
        requirePositive("sendTimeout", sendTimeout);
        requirePositive("firstRetryDelay", firstRetryDelay);
        requireNotNegative("closeTimeout", closeTimeout);
        requireNotNegative("maxDelay", maxDelay);
        requireNotNegative("redeliveryHorizon", redeliveryHorizon);
        requireAtLeastOne("maxMessageBytes", maxMessageBytes);
        requireAtLeastOne("window", window);
        if (cloudEventSource != null && cloudEventSource.isBlank()) {
            throw new IllegalArgumentException("Cannot create JMS settings: cloudEventSource is blank");
        }
    }

    /** Without the factory, which may have a password. */
    @Override
    public String toString() {
        return "JmsSettings[provider=" + provider + ", sendTimeout=" + sendTimeout + ", closeTimeout=" + closeTimeout
                + ", maxMessageBytes=" + maxMessageBytes + ", window=" + window + "]";
    }

    /**
     * Begins settings with the one that has no default.
     *
     * @param connectionFactory see {@link #connectionFactory()}
     * @throws IllegalArgumentException if it belongs to no provider that is known, see {@link JmsProvider#of}
     */
    public static Builder builder(ConnectionFactory connectionFactory) {
        return new Builder(connectionFactory);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "Cannot create JMS settings: " + name + " is " + value + ", not positive");
        }
    }

    private static void requireNotNegative(String name, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException("Cannot create JMS settings: " + name + " is " + value + ", negative");
        }
    }

    private static void requireAtLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "Cannot create JMS settings: " + name + " is " + value + ", at least 1 is possible");
        }
    }

    /** Collects the optional settings. Not thread-safe. */
    public static final class Builder {

        private final ConnectionFactory connectionFactory;
        private final JmsProvider provider;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private int maxMessageBytes = 4 * 1024 * 1024;
        private int window = 256;
        private Duration firstRetryDelay = Duration.ofSeconds(1);
        private Duration maxDelay = Duration.ofDays(7);
        private Duration redeliveryHorizon = Duration.ofDays(7);
        private @Nullable String cloudEventSource;
        private @Nullable ThreadFactory handlerThreads;

        private Builder(ConnectionFactory connectionFactory) {
            this.connectionFactory = connectionFactory;
            this.provider = JmsProvider.of(connectionFactory);
        }

        /** See {@link JmsSettings#sendTimeout()}. */
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /** See {@link JmsSettings#closeTimeout()}. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /** See {@link JmsSettings#maxMessageBytes()}. */
        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /** See {@link JmsSettings#window()}. */
        public Builder window(int window) {
            this.window = window;
            return this;
        }

        /** See {@link JmsSettings#firstRetryDelay()}. */
        public Builder firstRetryDelay(Duration firstRetryDelay) {
            this.firstRetryDelay = firstRetryDelay;
            return this;
        }

        /** See {@link JmsSettings#maxDelay()}. */
        public Builder maxDelay(Duration maxDelay) {
            this.maxDelay = maxDelay;
            return this;
        }

        /** See {@link JmsSettings#redeliveryHorizon()}. */
        public Builder redeliveryHorizon(Duration redeliveryHorizon) {
            this.redeliveryHorizon = redeliveryHorizon;
            return this;
        }

        /** See {@link JmsSettings#cloudEventSource()}. */
        public Builder cloudEventSource(@Nullable String cloudEventSource) {
            this.cloudEventSource = cloudEventSource;
            return this;
        }

        /** See {@link JmsSettings#handlerThreads()}. */
        public Builder handlerThreads(@Nullable ThreadFactory handlerThreads) {
            this.handlerThreads = handlerThreads;
            return this;
        }

        /** The settings. */
        public JmsSettings build() {
            return new JmsSettings(
                    connectionFactory,
                    provider,
                    sendTimeout,
                    closeTimeout,
                    maxMessageBytes,
                    window,
                    firstRetryDelay,
                    maxDelay,
                    redeliveryHorizon,
                    cloudEventSource,
                    handlerThreads);
        }
    }
}
