package dev.tally.saga.definition;

import dev.tally.saga.StepKind;

/**
 * A step after the pivot, which is tried until it is done: a refusal counts as a failure.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public final class RetriableStep<D> extends StepSpec<D, RetriableStep<D>> {

    RetriableStep(String name) {
        super(name, StepKind.RETRIABLE, RetryPolicy.OF_RETRIABLE_STEPS);
    }

    @Override
    RetriableStep<D> self() {
        return this;
    }

    @Override
    StepAction<D> undo() {
        return new StepAction.Nothing<>();
    }
}
