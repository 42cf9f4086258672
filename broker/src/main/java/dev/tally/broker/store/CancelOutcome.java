package dev.tally.broker.store;

/** What became of recalling a delayed message. */
public enum CancelOutcome {
    /** It never becomes visible, durably; answered again where it was recalled lately. */
    CANCELLED,
    /** It is visible, or its timer fired first; nothing changed. */
    ALREADY_VISIBLE,
    /** No delayed message is known at that position; nothing changed. */
    UNKNOWN
}
