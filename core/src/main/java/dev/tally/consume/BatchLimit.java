package dev.tally.consume;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * How many messages share a transaction now. Messages whose transaction is rolled back are handled twice, and those that
 * change common rows are each other's deadlocks the more often the more of them a transaction has; so a batch that was
 * rolled back halves the limit, and batches that commit raise it again, after a conflict not at once. Thread-safe.
 *
 * @since 0.1
 */
public final class BatchLimit {

    /** A database may take a second to see a deadlock (PostgreSQL's {@code deadlock_timeout}): that must be rare. */
    private static final Duration CALM_AFTER_CONFLICT = Duration.ofSeconds(10);

    private final int most;
    private final InstantSource clock;
    private int now;
    private Instant calmUntil = Instant.MIN;

    /**
     * Creates the limit.
     *
     * @param most how many may share a transaction, at least 1; the limit begins with that
     */
    public BatchLimit(int most, InstantSource clock) {
        this.most = most;
        this.clock = clock;
        this.now = most;
    }

    /** How many may share a transaction now, from 1. */
    public synchronized int now() {
        return now;
    }

    /**
     * A batch was rolled back.
     *
     * @param conflict whether the database did that for the sake of another transaction
     */
    public synchronized void rolledBack(boolean conflict) {
        now = Math.max(1, now / 2);
        if (conflict) {
            calmUntil = clock.instant().plus(CALM_AFTER_CONFLICT);
        }
    }

    /** A batch of {@code size} messages was committed. */
    public synchronized void committed(int size) {
        if (now < most && size >= now && !clock.instant().isBefore(calmUntil)) {
            now++;
        }
    }
}
