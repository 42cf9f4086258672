package dev.tally.transport.redis;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link RedisTransport} allows itself at its Redis. Immutable. Addresses, credentials and TLS are the client's.
 *
 * @param instanceName names this member in leases; unique among all processes and transports that share a Redis
 * @param prefix what all keys begin with; {@code tally:} by default
 * @param partitions how many partitions a topic gets that nobody has used yet, see {@code docs/transports/redis.md}; 4 by
 *     default
 * @param sendTimeout how long a send waits for the confirmation; 5 seconds by default
 * @param closeTimeout how long closing waits for running handlers, and how long a partition that goes to another member
 *     waits for them; 10 seconds by default
 * @param window messages of one partition that are here at most, being handled or not; 500 by default
 * @param retryDelay the first pause before a message is tried again, doubled with each attempt up to 30 seconds; 1 second
 *     by default
 * @param leaseTime how long a partition stays with a member that is not heard of any more; 10 seconds by default
 * @param retention how long messages are kept that all groups of their stream have acknowledged; 7 days by default
 * @param redeliveryHorizon how long after it was sent a message may be delivered once more; the retention by default
 * @param maxMessageBytes the largest message, all its names and values counted; 1 MiB by default
 * @param minReplicas how many replicas have to have a message before it counts as sent; 0 by default. Not in Redis Cluster
 * @param handlerThreads makes the threads that run handlers, {@code null} for the transport's own; {@code null} by default
 * @since 0.1
 */
public record RedisSettings(
        String instanceName,
        String prefix,
        int partitions,
        Duration sendTimeout,
        Duration closeTimeout,
        int window,
        Duration retryDelay,
        Duration leaseTime,
        Duration retention,
        Duration redeliveryHorizon,
        int maxMessageBytes,
        int minReplicas,
        @Nullable ThreadFactory handlerThreads) {

    private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

    /** Checks the settings. */
    public RedisSettings {
        require(!instanceName.isBlank(), "instanceName is blank");
        require(prefix.indexOf('{') < 0 && prefix.indexOf('}') < 0, "prefix '" + prefix + "' has a brace");
        requireAtLeastOne("partitions", partitions);
        requireAtLeastOne("window", window);
        requireAtLeastOne("maxMessageBytes", maxMessageBytes);
        require(minReplicas >= 0, "minReplicas is " + minReplicas + ", negative");
        requirePositive("sendTimeout", sendTimeout);
        requirePositive("retryDelay", retryDelay);
        requirePositive("retention", retention);
        require(!closeTimeout.isNegative(), "closeTimeout is " + closeTimeout + ", negative");
        require(!redeliveryHorizon.isNegative(), "redeliveryHorizon is " + redeliveryHorizon + ", negative");
        require(
                leaseTime.compareTo(SHORTEST_LEASE) >= 0,
                "leaseTime is " + leaseTime + ", at least " + SHORTEST_LEASE + " is possible");
    }

    /**
     * Begins settings with the one that has no default.
     *
     * @param instanceName see {@link #instanceName()}
     */
    public static Builder builder(String instanceName) {
        return new Builder(instanceName);
    }

    private static void requireAtLeastOne(String name, int value) {
        require(value >= 1, name + " is " + value + ", at least 1 is possible");
    }

    private static void requirePositive(String name, Duration value) {
        require(!value.isNegative() && !value.isZero(), name + " is " + value + ", not positive");
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("Cannot create Redis settings: " + otherwise);
        }
    }

    /** Collects the optional settings. Not thread-safe. */
    public static final class Builder {

        private final String instanceName;
        private String prefix = "tally:";
        private int partitions = 4;
        private Duration sendTimeout = Duration.ofSeconds(5);
        private Duration closeTimeout = Duration.ofSeconds(10);
        private int window = 500;
        private Duration retryDelay = Duration.ofSeconds(1);
        private Duration leaseTime = Duration.ofSeconds(10);
        private Duration retention = Duration.ofDays(7);
        private @Nullable Duration redeliveryHorizon;
        private int maxMessageBytes = 1024 * 1024;
        private int minReplicas;
        private @Nullable ThreadFactory handlerThreads;

        private Builder(String instanceName) {
            this.instanceName = instanceName;
        }

        /** See {@link RedisSettings#prefix()}. */
        public Builder prefix(String prefix) {
            this.prefix = prefix;
            return this;
        }

        /** See {@link RedisSettings#partitions()}. */
        public Builder partitions(int partitions) {
            this.partitions = partitions;
            return this;
        }

        /** See {@link RedisSettings#sendTimeout()}. */
        public Builder sendTimeout(Duration sendTimeout) {
            this.sendTimeout = sendTimeout;
            return this;
        }

        /** See {@link RedisSettings#closeTimeout()}. */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = closeTimeout;
            return this;
        }

        /** See {@link RedisSettings#window()}. */
        public Builder window(int window) {
            this.window = window;
            return this;
        }

        /** See {@link RedisSettings#retryDelay()}. */
        public Builder retryDelay(Duration retryDelay) {
            this.retryDelay = retryDelay;
            return this;
        }

        /** See {@link RedisSettings#leaseTime()}. */
        public Builder leaseTime(Duration leaseTime) {
            this.leaseTime = leaseTime;
            return this;
        }

        /** See {@link RedisSettings#retention()}. */
        public Builder retention(Duration retention) {
            this.retention = retention;
            return this;
        }

        /** See {@link RedisSettings#redeliveryHorizon()}; {@code null} for the retention. */
        public Builder redeliveryHorizon(@Nullable Duration redeliveryHorizon) {
            this.redeliveryHorizon = redeliveryHorizon;
            return this;
        }

        /** See {@link RedisSettings#maxMessageBytes()}. */
        public Builder maxMessageBytes(int maxMessageBytes) {
            this.maxMessageBytes = maxMessageBytes;
            return this;
        }

        /** See {@link RedisSettings#minReplicas()}. */
        public Builder minReplicas(int minReplicas) {
            this.minReplicas = minReplicas;
            return this;
        }

        /** See {@link RedisSettings#handlerThreads()}. */
        public Builder handlerThreads(@Nullable ThreadFactory handlerThreads) {
            this.handlerThreads = handlerThreads;
            return this;
        }

        /** The settings. */
        public RedisSettings build() {
            return new RedisSettings(
                    instanceName,
                    prefix,
                    partitions,
                    sendTimeout,
                    closeTimeout,
                    window,
                    retryDelay,
                    leaseTime,
                    retention,
                    redeliveryHorizon == null ? retention : redeliveryHorizon,
                    maxMessageBytes,
                    minReplicas,
                    handlerThreads);
        }
    }
}
