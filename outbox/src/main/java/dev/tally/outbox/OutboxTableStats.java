package dev.tally.outbox;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is in the outbox table, all nodes together.
 *
 * @param pending rows that wait to be sent or are being sent
 * @param parked rows that were given up
 * @param oldestPending age of the oldest row that waits, by the database's clock, also behind a parked one; {@code null} if
 *     none waits. Of rows that were to wait for their time, since that came
 * @param scheduled rows that wait for their time, and do not count as pending before it
 * @since 0.1
 */
public record OutboxTableStats(
        long pending, long parked, @Nullable Duration oldestPending, long scheduled) {

    /** Without scheduled rows. */
    public OutboxTableStats(long pending, long parked, @Nullable Duration oldestPending) {
        this(pending, parked, oldestPending, 0);
    }
}
