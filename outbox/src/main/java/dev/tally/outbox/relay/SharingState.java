package dev.tally.outbox.relay;

/**
 * Whether other nodes may be writing rows with keys, and which read of the lanes ends that: the first whole one that began
 * when nobody else wrote any more. Guarded by {@link Lanes}.
 */
final class SharingState {

    private Sharing sharing = Sharing.SHARED;
    private long reads;
    private boolean sweep;
    private long enteredAt;
    private long enteredWith;

    Sharing current() {
        return sharing;
    }

    boolean is(Sharing wanted) {
        return sharing == wanted;
    }

    /** Others may be writing. */
    void share() {
        sharing = Sharing.SHARED;
    }

    /**
     * Nobody else writes any more.
     *
     * @param ticket the next transaction of this node whose rows wait in the table
     */
    void enter(long ticket) {
        sharing = Sharing.ENTERING;
        enteredAt = reads;
        enteredWith = ticket;
    }

    /** Has the lanes looked at once more, even if nothing is expected there. */
    void sweep() {
        sweep = true;
    }

    boolean isReadUseful() {
        return sharing != Sharing.SOLE || sweep;
    }

    /** Begins a read of the lanes, and returns its number. */
    long beginRead() {
        sweep = false;
        return ++reads;
    }

    /** The number of the first read that sees all that is in the table now; 0 if that is in memory already. */
    long nextRead() {
        return sharing == Sharing.SOLE ? 0 : reads + 1;
    }

    /** A read saw all rows of all lanes; returns whether this node knows from now on all there is. */
    boolean readAll(LaneRead read) {
        boolean sole = sharing == Sharing.ENTERING && read.number() > enteredAt && read.decidedBelow() >= enteredWith;
        if (sole) {
            sharing = Sharing.SOLE;
        }
        return sole;
    }
}
