package dev.tally.saga.definition;

import dev.tally.saga.StepKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Steps one after the other. Not thread-safe.
 *
 * @param <D> the saga's data
 * @param <S> what goes on after each step
 * @since 0.1
 */
public abstract sealed class Sequence<D, S extends Sequence<D, S>> permits SagaDefinition.Builder, Branch {

    /** How long a saga has a lock before others may take it, where nothing else is said. */
    public static final Duration DEFAULT_LEASE = Duration.ofHours(1);

    final List<SagaStep<D>> steps;
    final List<String> faults;
    final List<Guard> guards;
    final Set<String> ends;

    Sequence(List<SagaStep<D>> steps, List<String> faults, List<Guard> guards, Set<String> ends) {
        this.steps = steps;
        this.faults = faults;
        this.guards = guards;
        this.ends = new LinkedHashSet<>(ends);
    }

    abstract S self();

    /** A step that can be undone. */
    public final S compensatable(String name, Consumer<CompensatableStep<D>> step) {
        CompensatableStep<D> spec = new CompensatableStep<>(name);
        step.accept(spec);
        return add(spec);
    }

    /** The step after which there is no way back. */
    public final S pivot(String name, Consumer<PivotStep<D>> step) {
        PivotStep<D> spec = new PivotStep<>(name);
        step.accept(spec);
        return add(spec);
    }

    /** A step after the pivot, which cannot be refused. */
    public final S retriable(String name, Consumer<RetriableStep<D>> step) {
        RetriableStep<D> spec = new RetriableStep<>(name);
        step.accept(spec);
        return add(spec);
    }

    /**
     * Takes a semantic lock, which the saga has until it ends, for {@link #DEFAULT_LEASE} at most.
     *
     * @param resource names what is locked, for instance {@code order/17}
     */
    public final S lock(String name, Function<D, String> resource, LockPolicy policy) {
        return lock(name, resource, policy, DEFAULT_LEASE);
    }

    /** As the other one, with a lease of its own. */
    public final S lock(String name, Function<D, String> resource, LockPolicy policy, Duration lease) {
        CompensatableStep<D> spec = new CompensatableStep<>(name);
        return add(spec.action(new StepAction.Lock<>(resource, policy, lease)));
    }

    /** Several ways at once; what comes behind waits for all of them. */
    public final S parallel(Consumer<Parallel<D>> group) {
        Parallel<D> parallel = new Parallel<>(this);
        group.accept(parallel);
        Set<String> all = parallel.ends();
        if (!all.isEmpty()) {
            ends.clear();
            ends.addAll(all);
        }
        return self();
    }

    /**
     * One of several ways, decided when all before it is done.
     *
     * @param name of the decision; a step's name
     */
    public final S choose(String name, Consumer<Choice<D>> choice) {
        Choice<D> ways = new Choice<>(this, name);
        choice.accept(ways);
        steps.add(ways.index(), ways.step(Set.copyOf(ends)));
        ends.clear();
        ends.addAll(ways.ends());
        return self();
    }

    final Branch<D> branch(List<Guard> branchGuards, Set<String> from) {
        return new Branch<>(steps, faults, branchGuards, from);
    }

    private S add(StepSpec<D, ?> spec) {
        SagaStep<D> step = spec.build(ends, guards, faults);
        steps.add(step);
        ends.removeAll(step.after());
        ends.add(step.name());
        return self();
    }

    static <D> SagaStep<D> choiceStep(
            String name, Set<String> after, List<Guard> guards, List<StepAction.Branch<D>> branches) {
        return new SagaStep<>(
                name,
                StepKind.CHOICE,
                after,
                new ArrayList<>(guards),
                null,
                new StepAction.Choose<>(List.copyOf(branches)),
                null,
                null,
                RetryPolicy.OF_STEPS,
                new StepAction.Nothing<>(),
                StepSpec.DEFAULT_TIMEOUT,
                RetryPolicy.OF_COMPENSATIONS);
    }
}
