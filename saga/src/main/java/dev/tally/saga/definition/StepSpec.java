package dev.tally.saga.definition;

import dev.tally.saga.StepKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a step is. Faults are told by {@link SagaDefinition#faults()}, all at once. Not thread-safe.
 *
 * @param <D> the saga's data
 * @param <S> the kind of step
 * @since 0.1
 */
public abstract sealed class StepSpec<D, S extends StepSpec<D, S>> permits CompensatableStep, PivotStep, RetriableStep {

    /** How long an attempt waits for its answer where nothing else is said. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    private final String name;
    private final StepKind kind;
    private final List<String> faults = new ArrayList<>();
    private @Nullable Set<String> after;
    private @Nullable Predicate<D> condition;
    private @Nullable StepAction<D> action;
    private @Nullable Merge<D, ?> done;
    private @Nullable Duration timeout = DEFAULT_TIMEOUT;
    private RetryPolicy retry;
    private boolean timeoutGiven;

    StepSpec(String name, StepKind kind, RetryPolicy retry) {
        this.name = name;
        this.kind = kind;
        this.retry = retry;
    }

    abstract S self();

    final void fault(String fault) {
        faults.add("step '" + name + "': " + fault);
    }

    /** The steps that have to be done before this one begins; by default the one before it, or all of a parallel group. */
    public final S after(String... steps) {
        after = new LinkedHashSet<>(List.of(steps));
        return self();
    }

    /** Leaves the step out unless {@code condition} holds when it would begin. Has to give the same for the same data. */
    public final S when(Predicate<D> condition) {
        this.condition = condition;
        return self();
    }

    /** How long an attempt waits for its answer; {@link #DEFAULT_TIMEOUT}, for signals and sagas for ever. */
    public final S timeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            fault("its time-out is " + limit + ", not positive");
        }
        timeout = limit;
        timeoutGiven = true;
        return self();
    }

    /** How often and when it is tried again after a failure or a time-out; a refusal is never tried again. */
    public final S retry(RetryPolicy policy) {
        retry = policy;
        return self();
    }

    /** Does {@code work} in the transaction of the saga's state. */
    public final S local(LocalWork<D> work) {
        return action(new StepAction.Local<>(work));
    }

    /** Sends {@code command} to a participant, and waits for its answer. */
    public final S command(String participant, Function<D, ?> command) {
        return action(new StepAction.Command<>(participant, command, null));
    }

    /** What becomes of the answer to the command, or of the data of the saga that ran; without, it is not looked at. */
    public final <R> S onDone(Class<R> type, BiFunction<D, R, D> into) {
        done = new Merge<>(type, into);
        return self();
    }

    /** Waits for a signal, see {@code Sagas.signal}: an event of somebody else, the decision of a person. */
    public final <P> S awaits(String signal, Class<P> type, BiFunction<D, P, D> into) {
        return action(new StepAction.Await<>(signal, new Merge<>(type, into)));
    }

    /** Runs another saga: done when that is completed, refused when it is compensated. */
    public final S saga(String saga, Function<D, String> businessKey, Function<D, ?> data) {
        return action(new StepAction.SubSaga<>(saga, businessKey, data, null));
    }

    final S action(StepAction<D> newAction) {
        if (action != null) {
            fault("it does two things, " + action.word() + " and " + newAction.word() + "; make two steps of it");
        }
        action = newAction;
        return self();
    }

    final @Nullable StepAction<D> action() {
        return action;
    }

    /** What takes the step back. */
    abstract StepAction<D> undo();

    Duration undoTimeout() {
        return DEFAULT_TIMEOUT;
    }

    RetryPolicy undoRetry() {
        return RetryPolicy.OF_COMPENSATIONS;
    }

    @Nullable Merge<D, ?> refused() {
        return null;
    }

    final SagaStep<D> build(Set<String> before, List<Guard> guards, List<String> allFaults) {
        StepAction<D> complete = complete();
        StepAction<D> undo = undo();
        allFaults.addAll(faults);
        return new SagaStep<>(
                name,
                kind,
                after == null ? Set.copyOf(before) : Set.copyOf(after),
                List.copyOf(guards),
                condition,
                complete,
                refused(),
                timeoutGiven || complete instanceof StepAction.Command ? timeout : null,
                retry,
                undo,
                undoTimeout(),
                undoRetry());
    }

    private StepAction<D> complete() {
        if (action == null) {
            fault("it does nothing; give it a command, local work, a signal to wait for, or a saga");
            return new StepAction.Nothing<>();
        }
        if (done == null) {
            return action;
        }
        if (action instanceof StepAction.Command<D> command) {
            return new StepAction.Command<>(command.participant(), command.command(), done);
        }
        if (action instanceof StepAction.SubSaga<D> saga) {
            return new StepAction.SubSaga<>(saga.saga(), saga.key(), saga.start(), done);
        }
        fault("it has no answer that onDone could take: it is " + action.word());
        return action;
    }
}
