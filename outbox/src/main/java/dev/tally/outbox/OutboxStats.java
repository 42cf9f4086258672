package dev.tally.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the outbox is doing.
 *
 * @param pendingInMemory entries that this node holds in memory: not yet decided, being sent, or being completed
 * @param rowsPending rows that wait or are being sent, all nodes together
 * @param rowsParked rows that were given up
 * @param oldestPending age of the oldest row that waits, by the database's clock; {@code null} if none waits
 * @param brokerReachable false while the circuit is open, because sends fail one after the other
 * @since 0.1
 */
public record OutboxStats(
        int pendingInMemory,
        long rowsPending,
        long rowsParked,
        @Nullable Duration oldestPending,
        boolean brokerReachable) {}
