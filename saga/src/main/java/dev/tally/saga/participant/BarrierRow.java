package dev.tally.saga.participant;

import dev.tally.message.EncodedPayload;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a step. Immutable.
 *
 * @param key whose it is
 * @param state where it is
 * @param action what was answered to the action, {@code null} as long as that is not known
 * @param undo what was answered to the compensation last, {@code null} as long as that is not known
 * @param undoAttempt the attempt that {@code undo} is of; 0 for none
 * @param undoToken what the action left for its compensation, or {@code null}
 * @param runs how often work outside of a transaction was begun
 * @param claimedFor how long ago it was begun, by the database's clock, if it is under way; {@code null} if it is not.
 *     Stored, it begins anew
 * @since 0.1
 */
public record BarrierRow(
        StepKey key,
        BarrierState state,
        @Nullable StoredAnswer action,
        @Nullable StoredAnswer undo,
        int undoAttempt,
        @Nullable EncodedPayload undoToken,
        int runs,
        @Nullable Duration claimedFor) {

    /** The row of a step of which nothing is known. */
    public static BarrierRow fresh(StepKey key) {
        return new BarrierRow(key, BarrierState.NEW, null, null, 0, null, 0, null);
    }

    /** The action took effect or was refused. */
    BarrierRow acted(BarrierState newState, StoredAnswer answer, @Nullable EncodedPayload token) {
        return new BarrierRow(key, newState, answer, undo, undoAttempt, token, runs, null);
    }

    /** The compensation took effect, was refused, or had nothing to do. */
    BarrierRow undone(BarrierState newState, StoredAnswer answer, int attempt) {
        return new BarrierRow(key, newState, action, answer, attempt, undoToken, runs, null);
    }

    /** Work outside of a transaction begins. */
    BarrierRow claimed(BarrierState newState) {
        return new BarrierRow(key, newState, action, undo, undoAttempt, undoToken, runs + 1, Duration.ZERO);
    }

    /** Work outside of a transaction failed. */
    BarrierRow released() {
        return new BarrierRow(key, state, action, undo, undoAttempt, undoToken, runs, null);
    }
}
