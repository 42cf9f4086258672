package dev.tally.saga.definition;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Ways of which the first whose condition holds is gone; none of them if no condition holds. Not thread-safe.
 *
 * @param <D> the saga's data
 * @since 0.1
 */
public final class Choice<D> {

    private final Sequence<D, ?> around;
    private final String name;
    private final int index;
    private final List<StepAction.Branch<D>> branches = new ArrayList<>();
    private final Set<String> ends = new LinkedHashSet<>();

    Choice(Sequence<D, ?> around, String name) {
        this.around = around;
        this.name = name;
        this.index = around.steps.size();
    }

    /**
     * A way with a condition, which has to give the same for the same data.
     *
     * @param label its name, unique in this choice
     */
    public Choice<D> when(String label, Predicate<D> condition, Consumer<Branch<D>> way) {
        branches.add(new StepAction.Branch<>(label, condition));
        List<Guard> guards = new ArrayList<>(around.guards);
        guards.add(new Guard(name, label));
        Branch<D> branch = around.branch(guards, Set.of(name));
        way.accept(branch);
        ends.addAll(branch.ends);
        return this;
    }

    /** The way that is gone if no condition before it holds. */
    public Choice<D> otherwise(String label, Consumer<Branch<D>> way) {
        return when(label, data -> true, way);
    }

    int index() {
        return index;
    }

    Set<String> ends() {
        return ends.isEmpty() ? Set.of(name) : ends;
    }

    SagaStep<D> step(Set<String> after) {
        return Sequence.choiceStep(name, after, around.guards, branches);
    }
}
