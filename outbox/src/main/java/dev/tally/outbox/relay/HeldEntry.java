package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxEntry;
import org.jspecify.annotations.Nullable;

/**
 * An entry in memory, from its insert or its being read back until its row is removed. {@link Lanes} guards the order and
 * the commit mark; the attempts belong to whoever has the entry in hand, one at a time.
 */
final class HeldEntry {

    private final OutboxEntry entry;
    private final Origin origin;
    private boolean committed;
    private int attempts;

    HeldEntry(OutboxEntry entry, Origin origin, boolean committed) {
        this.entry = entry;
        this.origin = origin;
        this.committed = committed;
        this.attempts = entry.attempts();
    }

    /** Where an entry in memory came from. */
    enum Origin {
        /** From the publishing transaction. */
        FRESH,
        /** Read back: this node's own row, which had no room in memory. */
        SPILLED,
        /** Read back: a row of an owner that this node has adopted. */
        ADOPTED
    }

    OutboxEntry entry() {
        return entry;
    }

    long id() {
        return entry.id();
    }

    @Nullable String key() {
        return entry.message().key();
    }

    int bytes() {
        return entry.message().payload().length;
    }

    Origin origin() {
        return origin;
    }

    boolean isCommitted() {
        return committed;
    }

    void markCommitted() {
        committed = true;
    }

    int attempts() {
        return attempts;
    }

    int countFailure() {
        attempts++;
        return attempts;
    }
}
