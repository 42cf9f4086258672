package dev.tally.transport.kafka;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.regex.Pattern;
import org.apache.kafka.clients.CommonClientConfigs;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link KafkaTransport} reaches its brokers and what it allows itself there. Immutable.
 *
 * <p>Addresses, security, compression and the like are in the properties of Kafka's clients, by Kafka's own names. What the
 * transport needs it sets itself: {@code acks=all}, idempotence and the time-outs of the producer, {@code
 * enable.auto.commit=false} and {@code auto.offset.reset=earliest} of consumers, the classes that write and read bytes. Where
 * they are not set, {@code isolation.level} is {@code read_committed}, {@code partition.assignment.strategy} the
 * cooperative sticky one, and {@code linger.ms} 0, since messages of one key wait for each other.
 *
 * @param producer properties of the producer
 * @param consumer properties of consumers; {@code auto.commit.interval.ms} is how often positions are acknowledged, 1 second
 *     where it is not set
 * @param admin properties of the client that looks for topics and positions
 * @param sendTimeout how long a send waits for the brokers' confirmation; 5 seconds by default
 * @param closeTimeout how long closing, and a partition that goes to another member, waits for running handlers; 10 seconds
 *     by default
 * @param window messages of one partition that are here for handlers; 1000 by default. A fetch may bring some more
 * @param retryDelay the first pause before a message that failed is tried again, doubled with each attempt up to 30 seconds; 1
 *     second by default
 * @param createMissingTopics whether a subscription creates its topic, with the brokers' default partitions and replicas,
 *     and a dead letter its own; true by default. Otherwise both wait until it is there
 * @param deadLetterSuffix the end of the name of dead letters' topics, {@code <topic>-<group><suffix>}; {@code -dlt} by default
 * @param cloudEventSource the {@code source} of messages as CloudEvents; {@code null}, the default, to write no attributes
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more. 14 days by default: brokers keep
 *     messages for 7 days ({@code log.retention.hours}), and dead letters for 7 days again
 * @param handlerThreads makes the threads that run handlers, one for each that runs; virtual threads for instance. Daemon
 *     threads of the platform by default, which are kept for a minute ({@code null})
 * @since 0.1
 */
public record KafkaSettings(
        Map<String, Object> producer,
        Map<String, Object> consumer,
        Map<String, Object> admin,
        Duration sendTimeout,
        Duration closeTimeout,
        int window,
        Duration retryDelay,
        boolean createMissingTopics,
        String deadLetterSuffix,
        @Nullable String cloudEventSource,
        Duration redeliveryHorizon,
        @Nullable ThreadFactory handlerThreads) {

    private static final Duration SHORTEST_SEND = Duration.ofMillis(200);
    private static final Pattern SUFFIX = Pattern.compile("[a-zA-Z0-9._-]+");

    /**
     * Checks the settings.
     *
     * @throws IllegalArgumentException that names the setting or the client's property, if messages could be lost or leave
     *     their order with it, or it makes no sense
     */
    public KafkaSettings {
        producer = copy(producer);
        consumer = copy(consumer);
        admin = copy(admin);
        require(
                sendTimeout.compareTo(SHORTEST_SEND) >= 0,
                "sendTimeout is " + sendTimeout + ", at least " + SHORTEST_SEND + " is possible");
        require(!closeTimeout.isNegative(), "closeTimeout is " + closeTimeout + ", negative");
        require(window >= 1, "window is " + window + ", at least 1 is possible");
        require(!retryDelay.isNegative() && !retryDelay.isZero(), "retryDelay is " + retryDelay + ", not positive");
        require(
                SUFFIX.matcher(deadLetterSuffix).matches(),
                "deadLetterSuffix is '" + deadLetterSuffix + "'; letters, digits, '.', '_' and '-' are possible");
        require(cloudEventSource == null || !cloudEventSource.isBlank(), "cloudEventSource is blank; null is for none");
        require(!redeliveryHorizon.isNegative(), "redeliveryHorizon is " + redeliveryHorizon + ", negative");
        UserProperties.check("producer", producer);
        UserProperties.check("consumer", consumer);
        UserProperties.check("admin", admin);
        UserProperties.checkProducer(producer, sendTimeout);
        UserProperties.checkConsumer(consumer);
    }

    /** Without the clients' properties, which may have secrets. */
    @Override
    public String toString() {
        return "KafkaSettings[bootstrapServers=" + bootstrapServers() + ", sendTimeout=" + sendTimeout
                + ", closeTimeout=" + closeTimeout + ", window=" + window + "]";
    }

    /** The addresses as the producer has them, for logs. */
    String bootstrapServers() {
        return String.valueOf(producer.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG));
    }

    /**
     * Begins settings.
     *
     * @param client properties of all clients, with at least {@code bootstrap.servers}
     */
    public static Builder builder(Map<String, ?> client) {
        return new Builder(client);
    }

    private static Map<String, Object> copy(Map<String, ?> properties) {
        Map<String, Object> copy = new LinkedHashMap<>();
        properties.forEach((name, value) -> {
            if (value != null) {
                copy.put(name, value);
            }
        });
        return Collections.unmodifiableMap(copy);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("Cannot create Kafka settings: " + otherwise);
        }
    }

    /** Collects the optional settings. Not thread-safe. */
    public static final class Builder {

        private Map<String, Object> producer;
        private Map<String, Object> consumer;
        private Map<String, Object> admin;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private int window = 1000;
        private Duration retryDelay = Duration.ofSeconds(1);
        private boolean createMissingTopics = true;
        private String deadLetterSuffix = "-dlt";
        private @Nullable String cloudEventSource;
        private Duration redeliveryHorizon = Duration.ofDays(14);
        private @Nullable ThreadFactory handlerThreads;

        private Builder(Map<String, ?> client) {
            this.producer = copy(client);
            this.consumer = copy(client);
            this.admin = copy(client);
        }

        /** All properties of the producer, instead of those that were given for all clients. */
        public Builder producer(Map<String, ?> properties) {
            this.producer = copy(properties);
            return this;
        }

        /** All properties of consumers, instead of those that were given for all clients. */
        public Builder consumer(Map<String, ?> properties) {
            this.consumer = copy(properties);
            return this;
        }

        /** All properties of the admin client, instead of those that were given for all clients. */
        public Builder admin(Map<String, ?> properties) {
            this.admin = copy(properties);
            return this;
        }

        /** See {@link KafkaSettings#sendTimeout()}. */
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /** See {@link KafkaSettings#closeTimeout()}. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /** See {@link KafkaSettings#window()}. */
        public Builder window(int window) {
            this.window = window;
            return this;
        }

        /** See {@link KafkaSettings#retryDelay()}. */
        public Builder retryDelay(Duration retryDelay) {
            this.retryDelay = retryDelay;
            return this;
        }

        /** See {@link KafkaSettings#createMissingTopics()}. */
        public Builder createMissingTopics(boolean createMissingTopics) {
            this.createMissingTopics = createMissingTopics;
            return this;
        }

        /** See {@link KafkaSettings#deadLetterSuffix()}. */
        public Builder deadLetterSuffix(String deadLetterSuffix) {
            this.deadLetterSuffix = deadLetterSuffix;
            return this;
        }

        /** See {@link KafkaSettings#cloudEventSource()}. */
        public Builder cloudEventSource(@Nullable String cloudEventSource) {
            this.cloudEventSource = cloudEventSource;
            return this;
        }

        /** See {@link KafkaSettings#redeliveryHorizon()}. */
        public Builder redeliveryHorizon(Duration redeliveryHorizon) {
            this.redeliveryHorizon = redeliveryHorizon;
            return this;
        }

        /** See {@link KafkaSettings#handlerThreads()}. */
        public Builder handlerThreads(@Nullable ThreadFactory handlerThreads) {
            this.handlerThreads = handlerThreads;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException see {@link KafkaSettings}
         */
        public KafkaSettings build() {
            return new KafkaSettings(
                    producer,
                    consumer,
                    admin,
                    sendTimeout,
                    closeTimeout,
                    window,
                    retryDelay,
                    createMissingTopics,
                    deadLetterSuffix,
                    cloudEventSource,
                    redeliveryHorizon,
                    handlerThreads);
        }
    }
}
