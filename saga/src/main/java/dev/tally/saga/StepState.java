package dev.tally.saga;

/**
 * Where a step of a saga is.
 *
 * @since 0.1
 */
public enum StepState {
    /** It has not begun. */
    PENDING,

    /** An attempt is under way: its command is out, or it waits for what it waits for. */
    ACTIVE,

    /** An attempt failed, and the next one waits for its time. */
    RETRYING,

    /** It took effect. */
    DONE,

    /** It was left out: its condition did not hold, or another way was chosen. */
    SKIPPED,

    /** It was refused, and had no effect. */
    REFUSED,

    /** It was given up without an answer: it may have taken effect, and is undone as if it had. */
    UNKNOWN,

    /** It can neither be done nor be undone by itself; a person has to decide. */
    STUCK,

    /** An attempt of its compensation is under way. */
    UNDOING,

    /** An attempt of its compensation failed, and the next one waits for its time. */
    UNDO_RETRYING,

    /** Its effect is taken back, or there was none. */
    UNDONE,

    /** Its compensation has used up its attempts or was refused; a person has to decide. */
    UNDO_STUCK;

    /** Whether the step lets those behind it begin. */
    public boolean isPassed() {
        return this == DONE || this == SKIPPED;
    }

    /** Whether an attempt, of the step or of its compensation, is under way or will be by itself. */
    public boolean isInFlight() {
        return this == ACTIVE || this == RETRYING || this == UNDOING || this == UNDO_RETRYING;
    }
}
