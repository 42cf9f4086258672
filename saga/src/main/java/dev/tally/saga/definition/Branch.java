package dev.tally.saga.definition;

import java.util.List;
import java.util.Set;

/**
 * One of several ways. Not thread-safe.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public final class Branch<D> extends Sequence<D, Branch<D>> {

    Branch(List<SagaStep<D>> steps, List<String> faults, List<Guard> guards, Set<String> ends) {
        super(steps, faults, guards, ends);
    }

    @Override
    Branch<D> self() {
        return this;
    }
}
