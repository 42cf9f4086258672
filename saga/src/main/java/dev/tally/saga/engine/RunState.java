package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepKind;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A saga while it changes. Every move goes through {@link #move} or {@link #moveSaga}. For one thread and one transaction. */
final class RunState<D> {

    /** Clocks of nodes are less apart than that. */
    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    final SagaDefinition<D> definition;
    final StepGraph graph;
    final Instant now;
    final RandomGenerator random;
    final List<SagaEvent> events = new ArrayList<>();
    final Deque<Effect> effects = new ArrayDeque<>();
    private final StoredSaga before;
    private final Map<String, StepProgress> steps;
    private SagaState state;
    private boolean backward;
    private @Nullable Parking parking;
    private D data;
    private boolean dataChanged;
    private @Nullable Instant deadlineAt;
    private @Nullable Instant endedAt;
    private boolean woken;
    private boolean wakeSoon;

    RunState(
            SagaDefinition<D> definition,
            StepGraph graph,
            StoredSaga saga,
            D data,
            Instant now,
            RandomGenerator random) {
        this.definition = definition;
        this.graph = graph;
        this.before = saga;
        this.data = data;
        this.now = now.truncatedTo(ChronoUnit.MILLIS);
        this.random = random;
        this.steps = new LinkedHashMap<>(saga.steps());
        this.state = saga.state();
        this.backward = saga.backward();
        this.parking = saga.parking();
        this.deadlineAt = saga.deadlineAt();
        this.endedAt = saga.endedAt();
    }

    /** A time that has come for every node, also where its clock is behind. */
    static Instant atOnce(Instant now) {
        return now.minus(CLOCKS_APART);
    }

    StoredSaga before() {
        return before;
    }

    SagaState state() {
        return state;
    }

    boolean isBackward() {
        return backward;
    }

    D data() {
        return data;
    }

    @Nullable Parking parking() {
        return parking;
    }

    @Nullable Instant deadlineAt() {
        return deadlineAt;
    }

    void clearDeadline() {
        deadlineAt = null;
    }

    void data(D newData) {
        if (!Objects.equals(data, newData)) {
            dataChanged = true;
        }
        data = Objects.requireNonNull(newData, "data");
    }

    /** Whether nothing is to be done until a person has seen to it, or ever. */
    boolean isHeld() {
        return state.isEnd() || (parking != null && parking.holdsAnswers());
    }

    StepProgress progress(String step) {
        return steps.getOrDefault(step, StepProgress.PENDING);
    }

    StepState stateOf(String step) {
        return progress(step).state();
    }

    void progress(String step, StepProgress progress) {
        steps.put(step, progress);
    }

    Stream<SagaStep<D>> steps(StepState... states) {
        List<StepState> wanted = List.of(states);
        return definition.steps().stream().filter(step -> wanted.contains(stateOf(step.name())));
    }

    /** Whether there is no way back any more. */
    boolean isPastPivot() {
        return definition.steps().stream().anyMatch(step -> {
            StepState at = stateOf(step.name());
            return (step.kind() == StepKind.PIVOT && at == StepState.DONE)
                    || (step.kind() == StepKind.RETRIABLE && at != StepState.PENDING && at != StepState.SKIPPED);
        });
    }

    /** The pivot, while it may have been done and nobody knows; {@code null} otherwise. */
    @Nullable String openPivot() {
        return steps(StepState.ACTIVE, StepState.RETRYING, StepState.STUCK)
                .filter(step -> step.kind() == StepKind.PIVOT)
                .map(SagaStep::name)
                .findFirst()
                .orElse(null);
    }

    /** Moves a step; its waiting is over. */
    void move(String step, StepEvent event, @Nullable String reason) {
        StepProgress progress = progress(step);
        StepState target = StepTransitions.target(progress.state(), event);
        if (target == null) {
            throw new IllegalStateException("Cannot move step '" + step + "' of saga " + before.title() + " by " + event
                    + ": it is " + progress.state() + " (version " + before.version() + "); nothing was changed");
        }
        int attempt =
                switch (event) {
                    case UNDO, UNDONE, UNDO_FAIL, UNDO_STICK -> progress.undoAttempt();
                    default -> progress.attempt();
                };
        progress(step, progress.in(target).because(reason));
        events.add(new SagaEvent(event.name(), step, progress.state().name(), target.name(), attempt, reason));
    }

    void moveSaga(SagaState target, @Nullable String reason) {
        if (!SagaTransitions.allows(state, target)) {
            throw new IllegalStateException("Cannot mark saga " + before.title() + " " + target + ": it is " + state
                    + " (version " + before.version() + "); nothing was changed");
        }
        events.add(new SagaEvent(target.name(), null, state.name(), target.name(), 0, reason));
        state = target;
        if (target != SagaState.PARKED) {
            parking = null;
        }
    }

    void note(String what, @Nullable String step, @Nullable String text) {
        events.add(new SagaEvent(what, step, null, null, 0, text));
    }

    /** On the way back from here on. */
    void turnBack(@Nullable String reason) {
        backward = true;
        if (state == SagaState.RUNNING) {
            moveSaga(SagaState.COMPENSATING, reason);
        }
    }

    void park(Parking why) {
        if (state == SagaState.PARKED) {
            note(SagaState.PARKED.name(), null, why.reason());
        } else {
            moveSaga(SagaState.PARKED, why.reason());
        }
        parking = why;
    }

    /** Goes on where it was. */
    void unpark(@Nullable String reason) {
        moveSaga(backward ? SagaState.COMPENSATING : SagaState.RUNNING, reason);
    }

    void end(SagaState end, @Nullable String reason) {
        moveSaga(end, reason);
        endedAt = now;
        deadlineAt = null;
        effects.add(new Effect.End());
    }

    boolean isChanged() {
        return woken || !events.isEmpty() || dataChanged || !steps.equals(before.steps());
    }

    /** The saga was waked, and does all that was due. */
    void woken() {
        woken = true;
    }

    /** Whatever there is to do is done when the saga wakes, which is at once. */
    void wakeSoon() {
        wakeSoon = true;
    }

    private @Nullable Instant wakeAt() {
        if (isHeld()) {
            return null;
        }
        if (wakeSoon) {
            return atOnce(now);
        }
        Instant next = next(steps, backward, deadlineAt);
        Instant asked = before.wakeAt();
        boolean isTimer = Objects.equals(asked, next(before.steps(), before.backward(), before.deadlineAt()));
        if (!woken && asked != null && (!isTimer || !asked.isAfter(now))) {
            // Somebody has asked for that, perhaps for a signal and by another clock, and it was not done here.
            return next == null || asked.isBefore(next) ? asked : next;
        }
        return next;
    }

    private static @Nullable Instant next(
            Map<String, StepProgress> steps, boolean backward, @Nullable Instant deadlineAt) {
        Stream<Instant> dues = steps.values().stream().map(StepProgress::due).filter(Objects::nonNull);
        Stream<Instant> deadline = backward || deadlineAt == null ? Stream.empty() : Stream.of(deadlineAt);
        return Stream.concat(dues, deadline).min(Instant::compareTo).orElse(null);
    }

    /** What is to be kept. */
    StoredSaga after(String dataJson) {
        return new StoredSaga(
                before.id(),
                before.name(),
                definition.version(),
                definition.fingerprint(),
                before.businessKey(),
                state,
                backward,
                parking,
                before.version() + 1,
                Map.copyOf(steps),
                dataJson,
                before.parent(),
                before.startedAt(),
                deadlineAt,
                wakeAt(),
                endedAt);
    }

    HistoryEntry history(@Nullable String actor, @Nullable String reason, String dataJson) {
        boolean isNewData = before.version() == 0 || dataChanged;
        return new HistoryEntry(
                before.id(),
                before.version() + 1,
                now,
                List.copyOf(events),
                actor,
                reason,
                isNewData ? dataJson : null);
    }
}
