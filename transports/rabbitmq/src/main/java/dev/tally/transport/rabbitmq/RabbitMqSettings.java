package dev.tally.transport.rabbitmq;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;

/**
 * How a {@link RabbitMqTransport} reaches its broker and what it allows itself there. Immutable.
 *
 * @param connections where connections come from, with the address, the user, TLS and all else of the client. The transport
 *     has channels of its own on them, messages are sent over the connections of its {@link
 *     ConnectionFactory#getPublisherConnectionFactory()} where there is one; the transport does not close it. A factory that
 *     nobody else uses keeps others undisturbed when the broker blocks publishers
 * @param sendTimeout how long a send waits for the broker's confirmation; 5 seconds by default
 * @param closeTimeout how long closing waits for running handlers; 10 seconds by default
 * @param maxMessageBytes the largest payload; 16 MiB by default, which is RabbitMQ's {@code max_message_size} since 4.0
 * @param window messages of a subscription that are here and not acknowledged at most (prefetch), 1 to 65535; 250 by
 *     default. The same in all members of an ordered group
 * @param retryDelay the first pause before a message is handled again, doubled with each attempt up to 30 seconds; 1 second
 *     by default
 * @param createMissingTopics whether exchanges and queues that do not exist are created; true by default. Otherwise sends
 *     fail and subscriptions wait until there are some
 * @param unroutable what becomes of a message to an exchange to which no queue is bound; {@link Unroutable#FAIL} by default
 * @param foreignWithoutId what becomes of a message of another producer that has no id; {@link ForeignWithoutId#REFUSE} by
 *     default
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more, which RabbitMQ itself does not
 *     limit. 7 days by default
 * @param cloudEventSource the {@code source} of the CloudEvents that messages are, a URI reference; none by default ({@code
 *     null}), and then they are no CloudEvents
 * @param handlerThreads makes the threads that run handlers, one for each that runs; virtual threads for instance. Daemon
 *     threads of the platform by default, which are kept for a minute ({@code null})
 * @since 0.1
 */
public record RabbitMqSettings(
        ConnectionFactory connections,
        Duration sendTimeout,
        Duration closeTimeout,
        int maxMessageBytes,
        int window,
        Duration retryDelay,
        boolean createMissingTopics,
        Unroutable unroutable,
        ForeignWithoutId foreignWithoutId,
        Duration redeliveryHorizon,
        @Nullable String cloudEventSource,
        @Nullable ThreadFactory handlerThreads) {

    private static final int MAX_PREFETCH = 65_535;

    public RabbitMqSettings {
        requirePositive("sendTimeout", sendTimeout);
        requirePositive("retryDelay", retryDelay);
        requireNotNegative("closeTimeout", closeTimeout);
        requireNotNegative("redeliveryHorizon", redeliveryHorizon);
        require(maxMessageBytes >= 1, "maxMessageBytes is " + maxMessageBytes + ", at least 1 is possible");
        require(
                window >= 1 && window <= MAX_PREFETCH,
                "window is " + window + ", 1 to " + MAX_PREFETCH + " is possible");
        require(
                cloudEventSource == null || !cloudEventSource.isBlank(),
                "cloudEventSource is blank, a CloudEvent needs one");
    }

    /**
     * Begins settings with the one that has no default.
     *
     * @param connections see {@link #connections()}
     */
    public static Builder builder(ConnectionFactory connections) {
        return new Builder(connections);
    }

    private static void requirePositive(String name, Duration value) {
        require(!value.isNegative() && !value.isZero(), name + " is " + value + ", not positive");
    }

    private static void requireNotNegative(String name, Duration value) {
        require(!value.isNegative(), name + " is " + value + ", negative");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("Cannot create RabbitMQ settings: " + otherwise);
        }
    }

    /** Collects the optional settings. Not thread-safe. */
    public static final class Builder {

        private final ConnectionFactory connections;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private int maxMessageBytes = 16 * 1024 * 1024;
        private int window = 250;
        private Duration retryDelay = Duration.ofSeconds(1);
        private boolean createMissingTopics = true;
        private Unroutable unroutable = Unroutable.FAIL;
        private ForeignWithoutId foreignWithoutId = ForeignWithoutId.REFUSE;
        private Duration redeliveryHorizon = Duration.ofDays(7);
        private @Nullable String cloudEventSource;
        private @Nullable ThreadFactory handlerThreads;

        private Builder(ConnectionFactory connections) {
            this.connections = connections;
        }

        /** See {@link RabbitMqSettings#sendTimeout()}. */
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /** See {@link RabbitMqSettings#closeTimeout()}. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /** See {@link RabbitMqSettings#maxMessageBytes()}. */
        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /** See {@link RabbitMqSettings#window()}. */
        public Builder window(int window) {
            this.window = window;
            return this;
        }

        /** See {@link RabbitMqSettings#retryDelay()}. */
        public Builder retryDelay(Duration retryDelay) {
            this.retryDelay = retryDelay;
            return this;
        }

        /** See {@link RabbitMqSettings#createMissingTopics()}. */
        public Builder createMissingTopics(boolean createMissingTopics) {
            this.createMissingTopics = createMissingTopics;
            return this;
        }

        /** See {@link RabbitMqSettings#unroutable()}. */
        public Builder unroutable(Unroutable unroutable) {
            this.unroutable = unroutable;
            return this;
        }

        /** See {@link RabbitMqSettings#foreignWithoutId()}. */
        public Builder foreignWithoutId(ForeignWithoutId foreignWithoutId) {
            this.foreignWithoutId = foreignWithoutId;
            return this;
        }

        /** See {@link RabbitMqSettings#redeliveryHorizon()}. */
        public Builder redeliveryHorizon(Duration redeliveryHorizon) {
            this.redeliveryHorizon = redeliveryHorizon;
            return this;
        }

        /** See {@link RabbitMqSettings#cloudEventSource()}. */
        public Builder cloudEventSource(@Nullable String cloudEventSource) {
            this.cloudEventSource = cloudEventSource;
            return this;
        }

        /** See {@link RabbitMqSettings#handlerThreads()}. */
        public Builder handlerThreads(@Nullable ThreadFactory handlerThreads) {
            this.handlerThreads = handlerThreads;
            return this;
        }

        /** The settings. */
        public RabbitMqSettings build() {
            return new RabbitMqSettings(
                    connections,
                    sendTimeout,
                    closeTimeout,
                    maxMessageBytes,
                    window,
                    retryDelay,
                    createMissingTopics,
                    unroutable,
                    foreignWithoutId,
                    redeliveryHorizon,
                    cloudEventSource,
                    handlerThreads);
        }
    }
}
