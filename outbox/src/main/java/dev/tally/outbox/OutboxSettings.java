package dev.tally.outbox;

import dev.tally.retry.Backoff;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the relay works. Every queue and batch has its bound here.
 *
 * @param instance the name of this process's place, for instance a pod of a stateful set or host and port, or {@code null}.
 *     A process that starts under the name of an earlier one takes its rows over at once instead of after
 *     {@code nodeExpiry}. Two live processes must not share it: they would fence each other in turn
 * @param sendBatch messages handed to the transport in one call
 * @param maxInFlight messages that wait for the broker's confirmation at one time
 * @param completeBatch rows deleted by one statement
 * @param completeLinger how long confirmed rows are collected before they are deleted
 * @param memoryEntries entries held in memory, half of them for publishing transactions and half for what is read back; what
 *     comes beyond stays in the table until there is room
 * @param memoryBytes payload bytes held in memory, likewise
 * @param readBatch rows read back from the table by one statement
 * @param heartbeat interval of the heartbeat and of the look for dead nodes
 * @param nodeExpiry silence after which a node counts as dead, by the database's clock; at least three heartbeats
 * @param retry waits between attempts to send one entry, between probes of an open circuit, and between attempts to reach
 *     the database
 * @param maxAttempts failed attempts after which an entry is parked; failures while the circuit is open do not count
 * @param circuitFailures retryable failures one after the other that open the circuit
 * @param drainLimit how long a stop waits for what is in memory
 * @param lanes into how many lanes keys are divided, the unit in which nodes share the work; the same for all nodes, and
 *     stored in the database by the first. More nodes than lanes do not send more
 * @param lanePoll how often a busy node looks into its lanes for what other nodes wrote, while there are any; an idle one
 *     looks four times less often
 * @param joinLimit how long publishing with keys waits at most for this node to be known to the others; see
 *     {@link #joinPatience()} for when the wait ends earlier
 * @param strangerLimit how long transactions of nodes that are gone may take effect, at most, after the last one is gone;
 *     only for databases that do not tell which transactions are open (MySQL and MariaDB without the PROCESS privilege).
 *     Until then the remaining node reads the table before it sends
 * @param drainRate messages a second, at most, that this node sends of what waits since before the transport came back or
 *     this node began to send it; infinite for as fast as it goes. What is published later is not held back
 * @param poisonPolicy what becomes of a key when one of its messages is given up
 * @param poisonPolicyByTopic the same for single topics
 * @since 0.1
 */
public record OutboxSettings(
        @Nullable String instance,
        int sendBatch,
        int maxInFlight,
        int completeBatch,
        Duration completeLinger,
        int memoryEntries,
        long memoryBytes,
        int readBatch,
        Duration heartbeat,
        Duration nodeExpiry,
        Backoff retry,
        int maxAttempts,
        int circuitFailures,
        Duration drainLimit,
        int lanes,
        Duration lanePoll,
        Duration joinLimit,
        Duration strangerLimit,
        double drainRate,
        PoisonPolicy poisonPolicy,
        Map<String, PoisonPolicy> poisonPolicyByTopic) {

    /** The most lanes there can be. */
    public static final int MAX_LANES = 256;

    public OutboxSettings {
        requirePositive("sendBatch", sendBatch);
        requirePositive("maxInFlight", maxInFlight);
        requirePositive("completeBatch", completeBatch);
        requirePositive("memoryEntries", memoryEntries);
        requirePositive("memoryBytes", memoryBytes);
        requirePositive("readBatch", readBatch);
        requirePositive("maxAttempts", maxAttempts);
        requirePositive("circuitFailures", circuitFailures);
        requirePositive("heartbeat", heartbeat.toMillis());
        if (!(drainRate > 0)) {
            throw new IllegalArgumentException(
                    "Cannot run an outbox relay with drainRate " + drainRate + ": it must be above zero");
        }
        poisonPolicyByTopic = Map.copyOf(poisonPolicyByTopic);
        requirePositive("lanes", lanes);
        requirePositive("lanePoll", lanePoll.toMillis());
        if (lanes > MAX_LANES) {
            throw new IllegalArgumentException(
                    "Cannot run an outbox relay with " + lanes + " lanes: " + MAX_LANES + " are possible");
        }
        if (joinLimit.isNegative() || strangerLimit.isNegative()) {
            throw new IllegalArgumentException("Cannot run an outbox relay with joinLimit " + joinLimit
                    + " and strangerLimit " + strangerLimit + ": they must not be negative");
        }
        if (nodeExpiry.compareTo(heartbeat.multipliedBy(3)) < 0) {
            throw new IllegalArgumentException("Cannot run an outbox relay with nodeExpiry " + nodeExpiry
                    + " and heartbeat " + heartbeat + ": nodeExpiry must be at least three heartbeats");
        }
    }

    /**
     * How long the database may be silent while publishing waits for this node to be known: {@code nodeExpiry}, half of
     * {@code joinLimit} at most. Then whoever waits gives up, since it may hold the connection that the heartbeat needs.
     */
    public Duration joinPatience() {
        Duration half = joinLimit.dividedBy(2);
        return half.compareTo(nodeExpiry) < 0 ? half : nodeExpiry;
    }

    /** The defaults: batches of 256, 10,000 entries or 64 MiB in memory, heartbeat 1 s, expiry 5 s, 16 attempts, 32 lanes. */
    public static OutboxSettings defaults() {
        return new Builder().build();
    }

    /** What becomes of a key when a message of this topic is given up. */
    public PoisonPolicy poisonPolicyOf(String topic) {
        return poisonPolicyByTopic.getOrDefault(topic, poisonPolicy);
    }

    /** Begins settings that differ from the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static void requirePositive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(
                    "Cannot run an outbox relay with " + name + " " + value + ": it must be above zero");
        }
    }

    /** Collects settings that differ from the defaults. Not thread-safe. */
    public static final class Builder {

        private @Nullable String instance;
        private int sendBatch = 256;
        private int maxInFlight = 2048;
        private int completeBatch = 256;
        private Duration completeLinger = Duration.ofMillis(10);
        private int memoryEntries = 10_000;
        private long memoryBytes = 64L << 20;
        private int readBatch = 500;
        private Duration heartbeat = Duration.ofSeconds(1);
        private Duration nodeExpiry = Duration.ofSeconds(5);
        private Backoff retry = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(30), 2, 0.5);
        private int maxAttempts = 16;
        private int circuitFailures = 8;
        private Duration drainLimit = Duration.ofSeconds(10);
        private int lanes = 32;
        private Duration lanePoll = Duration.ofMillis(25);
        private Duration joinLimit = Duration.ofSeconds(10);
        private Duration strangerLimit = Duration.ofMinutes(10);
        private double drainRate = Double.POSITIVE_INFINITY;
        private PoisonPolicy poisonPolicy = PoisonPolicy.CONTINUE;
        private Map<String, PoisonPolicy> poisonPolicyByTopic = Map.of();

        private Builder() {}

        /** None by default, see {@link OutboxSettings#instance()}. */
        public Builder instance(@Nullable String instance) {
            this.instance = instance;
            return this;
        }

        /** 256 by default. */
        public Builder sendBatch(int messages) {
            this.sendBatch = messages;
            return this;
        }

        /** 2,048 by default. */
        public Builder maxInFlight(int messages) {
            this.maxInFlight = messages;
            return this;
        }

        /** 256 by default. */
        public Builder completeBatch(int rows) {
            this.completeBatch = rows;
            return this;
        }

        /** 10 ms by default. */
        public Builder completeLinger(Duration linger) {
            this.completeLinger = linger;
            return this;
        }

        /** 10,000 by default. */
        public Builder memoryEntries(int entries) {
            this.memoryEntries = entries;
            return this;
        }

        /** 64 MiB by default. */
        public Builder memoryBytes(long bytes) {
            this.memoryBytes = bytes;
            return this;
        }

        /** 500 by default. */
        public Builder readBatch(int rows) {
            this.readBatch = rows;
            return this;
        }

        /** 1 s by default. */
        public Builder heartbeat(Duration interval) {
            this.heartbeat = interval;
            return this;
        }

        /** 5 s by default. */
        public Builder nodeExpiry(Duration expiry) {
            this.nodeExpiry = expiry;
            return this;
        }

        /** From 200 ms to 30 s, doubling, half of it left to chance, by default. */
        public Builder retry(Backoff retry) {
            this.retry = retry;
            return this;
        }

        /** 16 by default. */
        public Builder maxAttempts(int attempts) {
            this.maxAttempts = attempts;
            return this;
        }

        /** 8 by default. */
        public Builder circuitFailures(int failures) {
            this.circuitFailures = failures;
            return this;
        }

        /** 10 s by default. */
        public Builder drainLimit(Duration limit) {
            this.drainLimit = limit;
            return this;
        }

        /** 32 by default, {@link OutboxSettings#MAX_LANES} at most. */
        public Builder lanes(int lanes) {
            this.lanes = lanes;
            return this;
        }

        /** 25 ms by default. */
        public Builder lanePoll(Duration interval) {
            this.lanePoll = interval;
            return this;
        }

        /** 10 s by default. */
        public Builder joinLimit(Duration limit) {
            this.joinLimit = limit;
            return this;
        }

        /** 10 min by default. */
        public Builder strangerLimit(Duration limit) {
            this.strangerLimit = limit;
            return this;
        }

        /** Infinite by default. */
        public Builder drainRate(double messagesPerSecond) {
            this.drainRate = messagesPerSecond;
            return this;
        }

        /** {@link PoisonPolicy#CONTINUE} by default. */
        public Builder poisonPolicy(PoisonPolicy policy) {
            this.poisonPolicy = policy;
            return this;
        }

        /** None by default. */
        public Builder poisonPolicyByTopic(Map<String, PoisonPolicy> policies) {
            this.poisonPolicyByTopic = Map.copyOf(policies);
            return this;
        }

        /** The settings. */
        public OutboxSettings build() {
            return new OutboxSettings(
                    instance,
                    sendBatch,
                    maxInFlight,
                    completeBatch,
                    completeLinger,
                    memoryEntries,
                    memoryBytes,
                    readBatch,
                    heartbeat,
                    nodeExpiry,
                    retry,
                    maxAttempts,
                    circuitFailures,
                    drainLimit,
                    lanes,
                    lanePoll,
                    joinLimit,
                    strangerLimit,
                    drainRate,
                    poisonPolicy,
                    poisonPolicyByTopic);
        }
    }
}
