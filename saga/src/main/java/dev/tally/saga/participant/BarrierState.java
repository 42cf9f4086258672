package dev.tally.saga.participant;

/**
 * What a participant has done for a step.
 *
 * @since 0.1
 */
public enum BarrierState {
    /** Nothing: the row was inserted by the current transaction. Never committed. */
    NEW,

    /** Its action was begun outside of a transaction; whether it took effect is not known. */
    STARTED,

    /** Its action took effect. */
    ACTED,

    /** Its action was refused, and had no effect. */
    REFUSED,

    /** Its compensation was begun outside of a transaction, or was refused where no action was here. */
    UNDO_STARTED,

    /** Its compensation took effect. */
    UNDONE,

    /** Its compensation came, and there was nothing to undo. An action that comes later has no effect. */
    UNDONE_EMPTY
}
