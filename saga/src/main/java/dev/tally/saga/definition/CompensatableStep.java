package dev.tally.saga.definition;

import dev.tally.saga.StepKind;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A step that can be undone: it says how.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public final class CompensatableStep<D> extends StepSpec<D, CompensatableStep<D>> {

    private @Nullable StepAction<D> undo;
    private @Nullable Merge<D, ?> refused;
    private Duration undoTimeout = DEFAULT_TIMEOUT;
    private RetryPolicy undoRetry = RetryPolicy.OF_COMPENSATIONS;

    CompensatableStep(String name) {
        super(name, StepKind.COMPENSATABLE, RetryPolicy.OF_STEPS);
    }

    @Override
    CompensatableStep<D> self() {
        return this;
    }

    /** Undoes it by a command to the same participant. */
    public CompensatableStep<D> compensation(Function<D, ?> command) {
        if (action() instanceof StepAction.Command<D> doing) {
            return undo(new StepAction.Command<>(doing.participant(), command, null));
        }
        fault("its compensation is a command, but it has no participant yet; say command(...) first, or"
                + " compensation(participant, command)");
        return this;
    }

    /** Undoes it by a command to a participant. */
    public CompensatableStep<D> compensation(String participant, Function<D, ?> command) {
        return undo(new StepAction.Command<>(participant, command, null));
    }

    /** Undoes it by {@code work}, in the transaction of the saga's state. */
    public CompensatableStep<D> undoneLocally(LocalWork<D> work) {
        return undo(new StepAction.Local<>(work));
    }

    /** Undoes it by another saga, which has to be completed. */
    public CompensatableStep<D> undoneBySaga(String saga, Function<D, String> businessKey, Function<D, ?> data) {
        return undo(new StepAction.SubSaga<>(saga, businessKey, data, null));
    }

    /** It changes nothing that had to be undone: a check, a reading. */
    public CompensatableStep<D> nothingToUndo() {
        return undo(new StepAction.Nothing<>());
    }

    /** What becomes of the content of its refusal. */
    public <R> CompensatableStep<D> onRefused(Class<R> type, BiFunction<D, R, D> into) {
        refused = new Merge<>(type, into);
        return this;
    }

    /** How long an attempt of the compensation waits for its answer; {@link #DEFAULT_TIMEOUT}. */
    public CompensatableStep<D> compensationTimeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            fault("the time-out of its compensation is " + limit + ", not positive");
        }
        undoTimeout = limit;
        return this;
    }

    /** How often the compensation is tried before the saga is parked; {@link RetryPolicy#OF_COMPENSATIONS}. */
    public CompensatableStep<D> compensationRetry(RetryPolicy policy) {
        undoRetry = policy;
        return this;
    }

    private CompensatableStep<D> undo(StepAction<D> action) {
        if (undo != null) {
            fault("it has two compensations, " + undo.word() + " and " + action.word());
        }
        undo = action;
        return this;
    }

    @Override
    StepAction<D> undo() {
        if (undo != null) {
            return undo;
        }
        if (!(action() instanceof StepAction.Await) && !(action() instanceof StepAction.Lock)) {
            fault("it is compensatable, and nothing says how; give it a compensation, or say nothingToUndo()");
        }
        return new StepAction.Nothing<>();
    }

    @Override
    Duration undoTimeout() {
        return undoTimeout;
    }

    @Override
    RetryPolicy undoRetry() {
        return undoRetry;
    }

    @Override
    @Nullable Merge<D, ?> refused() {
        return refused;
    }
}
