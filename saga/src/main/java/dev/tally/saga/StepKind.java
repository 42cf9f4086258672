package dev.tally.saga;

/**
 * What a step means for the way back.
 *
 * @since 0.1
 */
public enum StepKind {
    /** Before the pivot. It can be undone, and is undone if the saga does not reach the pivot. */
    COMPENSATABLE,

    /** The point of no return: it can be refused, but once it is done, the saga goes to its end. At most one. */
    PIVOT,

    /** After the pivot. It cannot be refused, and is tried until it is done. */
    RETRIABLE,

    /** Decides which of several ways is gone. It has no effect of its own. */
    CHOICE
}
