package dev.tally.saga.definition;

import dev.tally.saga.StepKind;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The step after which there is no way back. It may be refused. Without an answer it is neither done nor refused: it is
 * tried again, and after its last attempt the saga is parked.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public final class PivotStep<D> extends StepSpec<D, PivotStep<D>> {

    private @Nullable Merge<D, ?> refused;

    PivotStep(String name) {
        super(name, StepKind.PIVOT, RetryPolicy.OF_COMPENSATIONS);
    }

    @Override
    PivotStep<D> self() {
        return this;
    }

    /** What becomes of the content of its refusal. */
    public <R> PivotStep<D> onRefused(Class<R> type, BiFunction<D, R, D> into) {
        refused = new Merge<>(type, into);
        return this;
    }

    @Override
    StepAction<D> undo() {
        return new StepAction.Nothing<>();
    }

    @Override
    @Nullable Merge<D, ?> refused() {
        return refused;
    }
}
