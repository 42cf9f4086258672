package dev.tally.saga.participant;

import org.jspecify.annotations.Nullable;

/** What became of one command in one transaction. */
sealed interface StepOutcome {

    /** Whether the transaction commits. */
    default boolean stands() {
        return false;
    }

    /**
     * It is answered.
     *
     * @param row what is known of its step now; {@code null} if its saga is too old for that
     * @param anew whether that is not what was answered before
     */
    record Answered(@Nullable BarrierRow row, boolean anew) implements StepOutcome {
        @Override
        public boolean stands() {
            return true;
        }
    }

    /** It is to be worked at outside of a transaction. */
    record Begun(BarrierRow row) implements StepOutcome {
        @Override
        public boolean stands() {
            return true;
        }
    }

    /** Its method refuses; that is recorded when what it has written is taken back. */
    record Refused(StoredAnswer answer) implements StepOutcome {}

    /** It failed, or the transaction did. */
    record Failed(Throwable failure) implements StepOutcome {}

    /** Somebody else works at its step. */
    record Busy(String reason) implements StepOutcome {}
}
