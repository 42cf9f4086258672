package dev.tally.outbox.bridge;

/**
 * What a bridge was last doing in this process.
 *
 * @since 0.1
 */
public enum BridgeState {
    /** It has not looked yet. */
    STARTING,

    /** It counts only, see {@link BridgeMode#WATCH}. */
    WATCHING,

    /** It takes nothing because something speaks against it; the detail says what. It looks again. */
    REFUSED,

    /** A person has paused it, in all processes. */
    PAUSED,

    /** It takes rows. */
    DRAINING,

    /** Another process of the service takes the rows at the moment. */
    ELSEWHERE,

    /** Rows are left that it may take later: they are too young, or their time has not come. */
    WAITING,

    /** Everything that could be taken is; what is left waits for a person, with its reasons. */
    REMAINDER,

    /** Nothing is left. */
    DRAINED,

    /** The database, the mapping of everything, or the outbox failed; the detail says how. It tries again. */
    FAILED
}
