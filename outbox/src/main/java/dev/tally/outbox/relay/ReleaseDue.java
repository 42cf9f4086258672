package dev.tally.outbox.relay;

import dev.tally.outbox.DueRows;
import dev.tally.outbox.OutboxStoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets rows go whose time has come: they become this node's own, as rows without a key, and are read back like those that
 * had no room in memory. Scheduled rows belong to nobody, so any node lets them go, and each only once.
 */
final class ReleaseDue {

    private static final Logger log = LoggerFactory.getLogger(ReleaseDue.class);

    private final RelayParts parts;
    private final String spillOwner;
    private final Lanes lanes;
    private final Lease lease;
    private final ReadBacklog read;
    private final SerialTask task;

    ReleaseDue(RelayParts parts, String spillOwner, Lanes lanes, Lease lease, ReadBacklog read) {
        this.parts = parts;
        this.spillOwner = spillOwner;
        this.lanes = lanes;
        this.lease = lease;
        this.read = read;
        this.task = new SerialTask("release due", parts.timers(), this::release);
    }

    void signal() {
        task.signal();
    }

    private void release() {
        int limit = Math.min(lanes.roomForBacklog(), parts.settings().readBatch());
        if (limit <= 0 || !lease.holds()) {
            return;
        }
        DueRows due;
        try {
            due = parts.waiting().releaseDue(spillOwner, limit);
        } catch (OutboxStoreException e) {
            log.warn("Scheduled outbox rows not looked at; looks again at the next heartbeat", e);
            return;
        }
        if (due.released() > 0) {
            log.debug("Scheduled outbox rows are due rows={}", due.released());
            lanes.spilled(due.released());
            read.rewind(due.lowestId());
        }
        lookAgain(due.nextIn());
    }

    /** Sooner than at the next heartbeat, if that is of use. */
    void lookAgain(@Nullable Duration in) {
        if (in != null && in.compareTo(parts.settings().heartbeat()) < 0) {
            if (in.isZero()) {
                task.signal();
            } else {
                parts.timers().after(in, task::signal);
            }
        }
    }
}
