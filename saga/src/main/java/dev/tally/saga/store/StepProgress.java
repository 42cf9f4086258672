package dev.tally.saga.store;

import dev.tally.saga.StepState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a step is.
 *
 * @param state where it is
 * @param attempt its last attempt, counted from 1 and never again from there; 0 before the first
 * @param undoAttempt the last attempt of its compensation
 * @param budgetFrom the attempts, of what it is doing, that do not count any more since a person has given it new ones
 * @param due when what it waits for is over: an attempt's time-out, or the beginning of the next attempt; {@code null} for
 *     never
 * @param label the way that a choice has taken; {@code null} for other steps
 * @param reason why it is not done yet, or was not; {@code null} if all is well
 * @since 0.1
 */
public record StepProgress(
        StepState state,
        int attempt,
        int undoAttempt,
        int budgetFrom,
        @Nullable Instant due,
        @Nullable String label,
        @Nullable String reason) {

    /** A step that has not begun. */
    public static final StepProgress PENDING = new StepProgress(StepState.PENDING, 0, 0, 0, null, null, null);

    /** In another state, waiting for nothing. */
    public StepProgress in(StepState newState) {
        return new StepProgress(newState, attempt, undoAttempt, budgetFrom, null, label, reason);
    }

    /** Waiting until {@code time}. */
    public StepProgress until(@Nullable Instant time) {
        return new StepProgress(state, attempt, undoAttempt, budgetFrom, time, label, reason);
    }

    /** With another reason. */
    public StepProgress because(@Nullable String newReason) {
        return new StepProgress(state, attempt, undoAttempt, budgetFrom, due, label, newReason);
    }

    /** With one attempt more of the action. */
    public StepProgress nextAttempt() {
        return new StepProgress(state, attempt + 1, undoAttempt, budgetFrom, due, label, reason);
    }

    /** With one attempt more of the compensation. */
    public StepProgress nextUndoAttempt() {
        return new StepProgress(state, attempt, undoAttempt + 1, budgetFrom, due, label, reason);
    }

    /** As before, with the attempts so far not counting any more. */
    public StepProgress withBudgetFrom(int attempts) {
        return new StepProgress(state, attempt, undoAttempt, attempts, due, label, reason);
    }

    /** A choice that has taken a way. */
    public StepProgress choosing(@Nullable String way) {
        return new StepProgress(state, attempt, undoAttempt, budgetFrom, due, way, reason);
    }
}
