package dev.tally.outbox.relay;

import dev.tally.outbox.OutboxSettings;

/**
 * How much of the memory is taken, by whom, and how much there is for others. Publishing transactions and what is read back
 * have half of it each: neither starves. Guarded by {@link Lanes}.
 */
final class MemoryRoom {

    private final OutboxSettings settings;
    private final HeldEntries held;
    private final Runnable freed;
    private int admitted;
    private int reservedForBacklog;
    private int reservedForLanes;
    private boolean refused;

    /**
     * Creates an empty one.
     *
     * @param freed told when a read has left room over that another one would have needed; must be quick
     */
    MemoryRoom(OutboxSettings settings, HeldEntries held, Runnable freed) {
        this.settings = settings;
        this.held = held;
        this.freed = freed;
    }

    /** Whether so many more messages of publishing transactions fit. */
    boolean fits(int messages) {
        return held.size() - held.fromBacklog() + admitted + messages <= half()
                && held.size() + reserved() + admitted + messages <= settings.memoryEntries()
                && held.bytes() <= settings.memoryBytes();
    }

    /** So many messages will be held, or abandoned. */
    void admit(int messages) {
        admitted += messages;
    }

    /** So many admitted messages are held now, or will never be. */
    void noLongerAdmitted(int messages) {
        admitted -= messages;
    }

    /** How many entries are in memory, or will be. */
    int taken() {
        return held.size() + admitted;
    }

    private int half() {
        return Math.max(1, settings.memoryEntries() / 2);
    }

    /** What is being read takes its room before it is there: two reads must not fill the same. */
    private int reserved() {
        return reservedForBacklog + reservedForLanes;
    }

    /** How many rows may be read back now. */
    int forReading() {
        if (held.bytes() > settings.memoryBytes()) {
            return 0;
        }
        int half = half() - held.fromBacklog() - reserved();
        if (held.isWaitingForRead()) {
            return half;
        }
        // Never so much that publishing transactions find no room: a quarter is theirs, whatever waits.
        int quarter = settings.memoryEntries() / 4;
        return Math.min(half, settings.memoryEntries() - quarter - reserved() - taken());
    }

    /**
     * Keeps room for {@code most} rows of the backlog, half of the memory at most, or almost; returns for how many, 0 if
     * there is too little.
     */
    int reserveForBacklog(int most) {
        reservedForBacklog = 0;
        reservedForBacklog = enough(most, reservedForLanes);
        return reservedForBacklog;
    }

    /** The same for rows of lanes. */
    int reserveForLanes(int most) {
        reservedForLanes = 0;
        reservedForLanes = enough(most, reservedForBacklog);
        return reservedForLanes;
    }

    /** Waits for room worth a statement, instead of reading row by row as each leaves. */
    private int enough(int most, int reservedForOther) {
        int wanted = Math.min(most, half());
        int room = Math.min(forReading(), wanted);
        if (room < (wanted + 1) / 2) {
            refused |= reservedForOther > 0;
            return 0;
        }
        return room;
    }

    void backlogRead() {
        reservedForBacklog = 0;
        tellRefused();
    }

    void lanesRead() {
        reservedForLanes = 0;
        tellRefused();
    }

    private void tellRefused() {
        if (refused) {
            refused = false;
            freed.run();
        }
    }
}
