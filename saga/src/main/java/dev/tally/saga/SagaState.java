package dev.tally.saga;

/**
 * Where a saga is. {@link #COMPLETED} and {@link #COMPENSATED} are ends.
 *
 * @since 0.1
 */
public enum SagaState {
    /** Its steps are being done. */
    RUNNING,

    /** Its steps are being undone. */
    COMPENSATING,

    /** Every step is done or was left out. */
    COMPLETED,

    /** Every step that took effect, or may have, is undone. */
    COMPENSATED,

    /** It cannot go on by itself, for a reason that it tells, and waits for a person. */
    PARKED;

    /** Whether nothing more happens to it. */
    public boolean isEnd() {
        return this == COMPLETED || this == COMPENSATED;
    }
}
