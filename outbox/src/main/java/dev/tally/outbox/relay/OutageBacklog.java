package dev.tally.outbox.relay;

/**
 * Up to which id rows count as backlog: what was published before the transport came back, or before this node kept their
 * lane. Guarded by {@link Lanes}.
 */
final class OutageBacklog {

    private final DrainRate rate;
    private final ReadyEntries ready;
    private final HeldEntries held;
    private long highestSeen;
    private boolean endUnknown;

    OutageBacklog(DrainRate rate, ReadyEntries ready, HeldEntries held) {
        this.rate = rate;
        this.ready = ready;
        this.held = held;
    }

    /** This id is there. */
    void saw(long id) {
        highestSeen = Math.max(highestSeen, id);
    }

    /** The transport takes messages again: what was published until now is backlog. */
    void outageOver(boolean alone) {
        ready.backlogUpTo(highestSeen);
        held.moveToBacklogHalf(highestSeen);
        // Who is alone has seen all there is. To ask the database takes time, in which fresh messages are published.
        endUnknown = rate.isLimited() && (endUnknown || !alone);
    }

    /** A lane came whose rows nobody here has seen. */
    void laneCame() {
        endUnknown = rate.isLimited();
    }

    boolean isEndUnknown() {
        return endUnknown;
    }

    void lanesUpTo(long id) {
        endUnknown = false;
        ready.lanesBacklogUpTo(id);
    }
}
