package dev.tally.saga.definition;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Ways that are gone at the same time. Not thread-safe.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public final class Parallel<D> {

    private final Sequence<D, ?> around;
    private final Set<String> ends = new LinkedHashSet<>();

    Parallel(Sequence<D, ?> around) {
        this.around = around;
    }

    /** One of the ways. */
    public Parallel<D> branch(Consumer<Branch<D>> way) {
        Branch<D> branch = around.branch(around.guards, around.ends);
        way.accept(branch);
        ends.addAll(branch.ends);
        return this;
    }

    Set<String> ends() {
        return ends;
    }
}
