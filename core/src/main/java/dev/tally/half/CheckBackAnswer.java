package dev.tally.half;

/**
 * What a check-back is answered.
 *
 * @since 0.1
 */
public enum CheckBackAnswer {
    /** The local transaction committed. */
    COMMIT,
    /** The local transaction did not commit, and never will: it is fenced. */
    ROLLBACK,
    /** It is still running, or the database could not be asked: ask again. */
    UNKNOWN
}
