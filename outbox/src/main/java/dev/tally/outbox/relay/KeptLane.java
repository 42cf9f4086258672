package dev.tally.outbox.relay;

/** A lane that this node keeps. Guarded by {@link Lanes}. */
final class KeptLane {

    private final long epoch;
    private int busy;
    private boolean leaving;

    KeptLane(long epoch) {
        this.epoch = epoch;
    }

    long epoch() {
        return epoch;
    }

    void handedOut() {
        busy++;
    }

    void cameBack() {
        busy--;
    }

    /** Whether something of the lane is with the broker, or confirmed and not yet removed. */
    boolean isBusy() {
        return busy > 0;
    }

    boolean isLeaving() {
        return leaving;
    }

    void leave(boolean leaving) {
        this.leaving = leaving;
    }
}
