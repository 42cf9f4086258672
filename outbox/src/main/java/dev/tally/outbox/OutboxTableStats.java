package dev.tally.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is in the outbox table, all nodes together.
 *
 * @param pending rows that wait to be sent or are being sent
 * @param parked rows that were given up
 * @param oldestPending age of the oldest row that waits, by the database's clock; {@code null} if none waits
 * @since 0.1
 */
public record OutboxTableStats(
        long pending, long parked, @Nullable Duration oldestPending) {}
