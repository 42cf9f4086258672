package dev.tally.saga.engine;

/**
 * What happens to a step.
 *
 * @since 0.1
 */
public enum StepEvent {
    /** An attempt begins. */
    START,
    /** It is left out. */
    SKIP,
    /** A choice takes a way, or the step turns out to have taken effect. */
    DONE,
    /** It turns out to have no effect for a reason of the business. */
    REFUSE,
    /** An attempt failed, and there are more. */
    FAIL,
    /** It is given up without an answer. */
    GIVE_UP,
    /** Its attempts are used up, and it can be neither refused nor undone. */
    STICK,
    /** A person says what it would have answered. */
    SUBSTITUTE,
    /** An attempt of its compensation begins. */
    UNDO,
    /** Its effect is taken back, or there was none. */
    UNDONE,
    /** An attempt of its compensation failed, and there are more. */
    UNDO_FAIL,
    /** The attempts of its compensation are used up, or it was refused. */
    UNDO_STICK
}
