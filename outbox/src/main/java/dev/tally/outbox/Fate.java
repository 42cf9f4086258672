package dev.tally.outbox;

/**
 * What became of a transaction whose end the application did not see.
 *
 * @since 0.1
 */
public enum Fate {
    /** Its rows are there. */
    COMMITTED,
    /** Its rows are not there and cannot appear any more. */
    ROLLED_BACK,
    /** It is still open in the database: ask again. */
    UNDECIDED
}
