package dev.tally.broker.store;

/**
 * The store did not take an operation: nothing of it was written, and it may be tried again later.
 *
 * @since 0.1
 */
public class StoreRejectedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Why it was not taken.
     *
     * @since 0.1
     */
    public enum Reason {
        /** More bytes wait to be written than the store may hold in memory; they drain by themselves. */
        QUEUE_FULL,
        /** The log cannot grow; it goes on by itself when the disk has space again. */
        DISK_FULL,
        /** The operation is larger than a segment of the log can hold; trying again does not help. */
        TOO_LARGE,
        /** Another half message has the same key; trying again does not help. */
        KEY_TAKEN,
        /** The store is closed. */
        CLOSED
    }

    private final Reason reason;

    /** Says what was refused and why. */
    public StoreRejectedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why it was not taken. */
    public Reason reason() {
        return reason;
    }
}
