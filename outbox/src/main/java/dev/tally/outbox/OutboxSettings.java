package dev.tally.outbox;

import dev.tally.retry.Backoff;
import java.time.Duration;
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
        Duration drainLimit) {

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
        if (nodeExpiry.compareTo(heartbeat.multipliedBy(3)) < 0) {
            throw new IllegalArgumentException("Cannot run an outbox relay with nodeExpiry " + nodeExpiry
                    + " and heartbeat " + heartbeat + ": nodeExpiry must be at least three heartbeats");
        }
    }

    /** The defaults: batches of 256, 10,000 entries or 64 MiB in memory, heartbeat 1 s, expiry 5 s, 16 attempts. */
    public static OutboxSettings defaults() {
        return new Builder().build();
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
                    drainLimit);
        }
    }
}
