package dev.tally.consume;

/**
 * What is done about a message whose handler failed.
 *
 * @since 0.1
 */
public enum FailureAction {
    /** It is tried again after a while, until its attempts are used up; then it is dead-lettered. */
    RETRY,
    /** It is dead-lettered at once. */
    DEAD_LETTER,
    /** It counts as handled, without effect; the log, a meter and its inbox row say so. */
    SKIP,
    /** Nothing more of its consumer is handled by this process until a person resumes it; it is tried first then. */
    STOP
}
