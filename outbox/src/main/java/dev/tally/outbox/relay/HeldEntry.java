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
    private final long epoch;
    private long afterRead;
    private boolean committed;
    private int attempts;
    private int uncounted;
    private int timesHandedBack;
    private boolean inBacklogHalf;

    private HeldEntry(OutboxEntry entry, Origin origin, boolean committed, long epoch, long afterRead) {
        this.entry = entry;
        this.origin = origin;
        this.committed = committed;
        this.epoch = epoch;
        this.afterRead = afterRead;
        this.attempts = entry.attempts();
        this.inBacklogHalf = origin != Origin.FRESH;
    }

    /**
     * One from a publishing transaction, not yet decided.
     *
     * @param afterRead the number of the read of its lane that must come first, 0 for none
     */
    static HeldEntry fresh(OutboxEntry entry, long epoch, long afterRead) {
        return new HeldEntry(entry, Origin.FRESH, false, epoch, afterRead);
    }

    /** One that was read back. */
    static HeldEntry readBack(OutboxEntry entry, Origin origin, long epoch) {
        return new HeldEntry(entry, origin, true, epoch, 0);
    }

    /** Where an entry in memory came from. */
    enum Origin {
        /** From the publishing transaction. */
        FRESH,
        /** Read back: this node's own row without a key, which had no room in memory. */
        SPILLED,
        /** Read back: a row of an owner that this node has adopted. */
        ADOPTED,
        /** Read back: a row of a lane that this node keeps. */
        LANE
    }

    OutboxEntry entry() {
        return entry;
    }

    long id() {
        return entry.id();
    }

    /** The key that orders it; {@code null} for none. What has waited for its time has no order. */
    @Nullable String key() {
        return entry.isDue() ? null : entry.message().key();
    }

    /** The lane that its row is in; {@code null} without a key, and for rows that were written under a node's name. */
    @Nullable String lane() {
        return LaneNames.isLane(entry.owner()) ? entry.owner() : null;
    }

    int bytes() {
        return entry.message().payload().length;
    }

    Origin origin() {
        return origin;
    }

    /** The epoch in which this node keeps the row's owner. */
    long epoch() {
        return epoch;
    }

    /** The number of the read of its lane that must come before it is sent; 0 for none. */
    long afterRead() {
        return afterRead;
    }

    void wasRead() {
        afterRead = 0;
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

    /** Whether it takes room in the half of the memory that is for the backlog. */
    boolean isInBacklogHalf() {
        return inBacklogHalf;
    }

    void moveToBacklogHalf() {
        inBacklogHalf = true;
    }

    /** How often an open circuit has handed it back. */
    int timesHandedBack() {
        return timesHandedBack;
    }

    void countHandedBack() {
        timesHandedBack++;
    }

    void forgetHandedBack() {
        timesHandedBack = 0;
    }

    /** A failure that is not held against it; returns how many there were. */
    int countUncounted() {
        uncounted++;
        return uncounted;
    }

    int countFailure() {
        attempts++;
        return attempts;
    }
}
