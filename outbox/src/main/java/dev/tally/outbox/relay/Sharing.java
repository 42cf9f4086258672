package dev.tally.outbox.relay;

/** Who may be writing rows with keys. */
enum Sharing {
    /** Other nodes, or transactions that they left behind. */
    SHARED,
    /** Nobody else any more: what is in the table is about to be read for the last time. */
    ENTERING,
    /** Nobody else, and everything in the table is in memory, or its key noted as waiting. */
    SOLE
}
