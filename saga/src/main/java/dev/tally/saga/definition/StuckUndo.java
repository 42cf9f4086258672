package dev.tally.saga.definition;

/**
 * What becomes of the other compensations when one of them cannot be done.
 *
 * @since 0.1
 */
public enum StuckUndo {
    /** They wait for the person who sees to it. */
    WAIT,

    /** Those that do not come after it go on. */
    CONTINUE
}
