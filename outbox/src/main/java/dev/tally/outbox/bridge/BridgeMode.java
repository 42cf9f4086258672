package dev.tally.outbox.bridge;

/**
 * What a bridge may do.
 *
 * @since 0.1
 */
public enum BridgeMode {
    /** It counts what waits in the other table, and takes nothing. Right while instances of the old version run. */
    WATCH,

    /**
     * It takes what waits. Whoever sets this says that no instance of the old version runs any more, and that none is
     * started again: nobody but them can know. What the table shows to the contrary makes the bridge refuse.
     */
    DRAIN
}
