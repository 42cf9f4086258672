package dev.tally.boot;

import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.operations.OutboxProgress;
import java.time.Duration;
import java.time.InstantSource;

/**
 * Whether the outbox's messages get on, looked at every {@value #MAX_AGE_SECONDS} seconds at most however often it is asked
 * for. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentOutboxProgress {

    private static final int MAX_AGE_SECONDS = 5;

    private final Recent<OutboxProgress> recent;

    RecentOutboxProgress(OutboxInspection inspection, InstantSource clock) {
        this.recent = new Recent<>(inspection::progress, Duration.ofSeconds(MAX_AGE_SECONDS), clock);
    }

    /** The progress a few seconds ago at most; throws what looking throws. */
    public OutboxProgress get() {
        return recent.get();
    }
}
