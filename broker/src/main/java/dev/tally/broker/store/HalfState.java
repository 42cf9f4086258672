package dev.tally.broker.store;

/**
 * The states of a half message: {@code PREPARED -> COMMITTED | ROLLED_BACK | PARKED} and
 * {@code PARKED -> COMMITTED | ROLLED_BACK | PREPARED}.
 */
public enum HalfState {
    /** Stored, invisible, check-backs go on. */
    PREPARED,
    /** Visible to consumers; final. */
    COMMITTED,
    /** Never visible; final. */
    ROLLED_BACK,
    /** All check-backs were used up without a decision: kept, invisible, waiting for a decision, or for a person who has it asked again. */
    PARKED
}
