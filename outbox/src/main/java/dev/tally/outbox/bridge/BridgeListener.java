package dev.tally.outbox.bridge;

/**
 * Observes bridges. Called on their threads, after the commit; an exception is logged and goes no further. Calls get lost
 * when the process dies.
 *
 * @since 0.1
 */
public interface BridgeListener {

    /** Rows were taken, dropped by their mapping, or newly left; in one transaction of this process. */
    default void batch(String bridge, int taken, int dropped, int left) {}

    /** What the bridge does in this process changed. */
    default void changed(String bridge, BridgeState from, BridgeState to, String detail) {}

    /** All that could be taken was, by this process or another: {@code report} says what was done and what is left. */
    default void finished(BridgeProgress report) {}
}
