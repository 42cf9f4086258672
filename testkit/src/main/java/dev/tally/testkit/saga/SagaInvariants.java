package dev.tally.testkit.saga;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepKind;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.engine.SagaTransitions;
import dev.tally.saga.engine.StepTransitions;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.SagaEvent;
import dev.tally.saga.store.StepProgress;
import dev.tally.saga.store.StoredSaga;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What has to hold of sagas after everything that happens. Each saga's steps are followed by its history alone, move by move,
 * and have to be where the row says. For one thread.
 */
final class SagaInvariants {

    private final SimulatedWorld world;
    private final Definitions definitions;
    private final Visits visits;
    private final Map<String, Followed> sagas = new HashMap<>();

    SagaInvariants(SimulatedWorld world, Definitions definitions, Visits visits) {
        this.world = world;
        this.definitions = definitions;
        this.visits = visits;
    }

    /** A saga as its history tells it. */
    private static final class Followed {
        private final Map<String, StepState> steps = new HashMap<>();
        private final Set<String> revealed = new HashSet<>();
        private SagaState state = SagaState.RUNNING;
        private boolean pastPivot;
        private @Nullable StoredSaga last;

        StepState at(String step) {
            return steps.getOrDefault(step, StepState.PENDING);
        }
    }

    void check() {
        for (StoredSaga saga : world.store().touched()) {
            Followed followed = sagas.computeIfAbsent(saga.id(), id -> new Followed());
            follow(followed, saga);
            checkRow(saga);
            checkTimers(saga);
            followed.last = saga;
        }
    }

    private void follow(Followed followed, StoredSaga saga) {
        StoredSaga last = followed.last;
        long from = last == null ? 0 : last.version();
        require(saga, saga.version() >= from, "its version went from " + from + " to " + saga.version());
        require(
                saga,
                last == null || !last.state().isEnd() || saga.version() == from,
                "it had ended, and was changed again");
        List<HistoryEntry> entries = world.store().history(saga.id());
        for (HistoryEntry entry : entries) {
            if (entry.version() > from) {
                require(saga, entry.version() <= saga.version(), "its history is ahead of it");
                entry.events().forEach(event -> follow(followed, saga, last, event));
            }
        }
        Set<String> all = new HashSet<>(saga.steps().keySet());
        all.addAll(followed.steps.keySet());
        for (String step : all) {
            require(
                    saga,
                    saga.step(step).state() == followed.at(step),
                    "step " + step + " is " + saga.step(step).state() + ", and its history says " + followed.at(step));
        }
        require(
                saga,
                saga.state() == followed.state,
                "it is " + saga.state() + ", and its history says " + followed.state);
    }

    private void follow(Followed followed, StoredSaga saga, @Nullable StoredSaga last, SagaEvent event) {
        world.trace()
                .add("  " + saga.id() + " " + event.what() + " " + text(event.step()) + " " + text(event.from())
                        + " -> "
                        + text(event.to()) + (event.attempt() == 0 ? "" : " #" + event.attempt()) + " "
                        + text(event.text()));
        if (event.what().equals("revealed")) {
            followed.revealed.add(text(event.step()));
        }
        if (event.to() == null) {
            return;
        }
        if (event.step() == null) {
            followSaga(followed, saga, event);
        } else {
            followStep(followed, saga, last, event, event.step());
        }
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private void followSaga(Followed followed, StoredSaga saga, SagaEvent event) {
        SagaState to = SagaState.valueOf(text(event.to()));
        if (event.from() != null && !event.from().equals(text(event.to()))) {
            require(saga, followed.state.name().equals(event.from()), "it was " + followed.state + ": " + event);
            SagaTransitions.Transition move = SagaTransitions.ALL.stream()
                    .filter(each -> each.from() == followed.state && each.to() == to)
                    .findFirst()
                    .orElse(null);
            require(saga, move != null, "no transition of sagas allows " + event);
            visits.sagas.add(Objects.requireNonNull(move));
        }
        require(
                saga,
                !followed.pastPivot || (to != SagaState.COMPENSATING && (to != SagaState.COMPENSATED || byHand(event))),
                "it goes back from behind its pivot: " + event);
        followed.state = to;
    }

    private void followStep(
            Followed followed, StoredSaga saga, @Nullable StoredSaga last, SagaEvent event, String step) {
        StepState from = followed.at(step);
        StepState to = StepState.valueOf(text(event.to()));
        require(saga, from.name().equals(event.from()), "step " + step + " was " + from + ": " + event);
        StepTransitions.Transition move = StepTransitions.ALL.stream()
                .filter(each -> each.from() == from
                        && each.to() == to
                        && each.event().name().equals(event.what()))
                .findFirst()
                .orElse(null);
        require(saga, move != null, "no transition of steps allows " + event);
        visits.steps.add(Objects.requireNonNull(move));
        SagaStep<?> definition = definitions.step(saga, step);
        require(saga, definition != null, "there is no step " + step);
        if (from == StepState.PENDING) {
            for (String before : Objects.requireNonNull(definition).after()) {
                require(
                        saga,
                        followed.at(before).isPassed(),
                        "step " + step + " begins, and " + before + " is " + followed.at(before));
            }
            require(
                    saga,
                    followed.state != SagaState.COMPENSATING && (last == null || !last.backward()),
                    "step " + step + " begins on the way back");
        }
        if (to == StepState.UNDOING || to == StepState.UNDONE) {
            checkUndo(followed, saga, event, step);
        }
        followed.steps.put(step, to);
        StepKind kind = Objects.requireNonNull(definition).kind();
        require(
                saga,
                kind == StepKind.COMPENSATABLE || kind == StepKind.CHOICE || !isOnTheWayBack(to),
                "step " + step + " cannot be undone, and is " + to);
        followed.pastPivot |= (kind == StepKind.PIVOT && to == StepState.DONE)
                || (kind == StepKind.RETRIABLE && to == StepState.ACTIVE);
    }

    private static boolean isOnTheWayBack(StepState state) {
        return switch (state) {
            case UNKNOWN, UNDOING, UNDO_RETRYING, UNDO_STUCK, UNDONE -> true;
            default -> false;
        };
    }

    private void checkUndo(Followed followed, StoredSaga saga, SagaEvent event, String step) {
        require(saga, !followed.pastPivot, "step " + step + " is undone behind the pivot: " + event);
        if (byHand(event)) {
            return;
        }
        for (String behind : definitions.behind(saga, step)) {
            boolean atRest =
                    switch (followed.at(behind)) {
                        case PENDING, SKIPPED, REFUSED, UNDONE -> true;
                        default -> followed.revealed.contains(behind);
                    };
            require(
                    saga,
                    atRest,
                    "step " + step + " is undone before " + behind + ", which comes behind it and is "
                            + followed.at(behind));
        }
    }

    private static boolean byHand(SagaEvent event) {
        return text(event.text()).contains("by hand");
    }

    private static void checkRow(StoredSaga saga) {
        boolean parked = saga.state() == SagaState.PARKED;
        require(saga, parked == (saga.parking() != null), "it is " + saga.state() + " with " + saga.parking());
        require(saga, saga.parking() == null || !saga.parking().reason().isBlank(), "it is parked without a reason");
        Stream.concat(
                        Stream.of(Optional.ofNullable(saga.wakeAt()), Optional.ofNullable(saga.deadlineAt())),
                        saga.steps().values().stream().map(step -> Optional.ofNullable(step.due())))
                .flatMap(Optional::stream)
                .forEach(time -> require(
                        saga,
                        time.equals(time.truncatedTo(ChronoUnit.MILLIS)),
                        "a time is finer than a millisecond: " + time));
        require(
                saga,
                saga.state().isEnd() == (saga.endedAt() != null),
                "it is " + saga.state() + ", ended at " + saga.endedAt());
    }

    /** Whatever somebody waits for has a time at which it is looked after. */
    private void checkTimers(StoredSaga saga) {
        boolean held = saga.parking() != null && saga.parking().holdsAnswers();
        if (saga.state().isEnd() || held) {
            return;
        }
        Instant wake = saga.wakeAt() == null ? Instant.MAX : saga.wakeAt();
        Stream<Instant> dues =
                saga.steps().values().stream().map(StepProgress::due).filter(Objects::nonNull);
        Stream<Instant> deadline =
                saga.deadlineAt() == null || saga.backward() ? Stream.empty() : Stream.of(saga.deadlineAt());
        boolean wakesNow = !wake.isAfter(world.clock().instant().plus(SimulatedNode.MOST_SKEW));
        Stream.concat(dues, deadline)
                .forEach(due ->
                        require(saga, wakesNow || !due.isBefore(wake), "it wakes at " + wake + ", after " + due));
        require(
                saga,
                !wake.equals(Instant.MAX)
                        || world.store()
                                .mail(List.of(saga.id()), Mail.Kind.REPLY)
                                .isEmpty(),
                "replies wait for it, and nothing wakes it");
        for (SagaStep<?> step : definitions.of(saga).steps()) {
            StepProgress progress = saga.step(step.name());
            require(
                    saga,
                    wakesNow
                            || progress.state() != StepState.ACTIVE
                            || !(step.action() instanceof StepAction.Lock)
                            || world.locks().isWaiting(saga.id()),
                    "step " + step.name() + " waits for a lock that it has, and nothing wakes it");
            if (progress.state() == StepState.ACTIVE && step.action() instanceof StepAction.Await<?> await) {
                require(
                        saga,
                        !wake.equals(Instant.MAX)
                                || world.store()
                                        .mail(saga.id(), Mail.Kind.SIGNAL, await.signal())
                                        .isEmpty(),
                        "step " + step.name() + " waits for a signal that has come, and nothing wakes it");
            }
            boolean waits = progress.state().isInFlight() && progress.due() == null;
            StepAction<?> action = progress.state() == StepState.UNDOING ? step.undo() : step.action();
            require(
                    saga,
                    !waits
                            || action instanceof StepAction.Await
                            || action instanceof StepAction.SubSaga
                            || action instanceof StepAction.Lock,
                    "step " + step.name() + " is " + progress.state() + " without a time-out");
        }
    }

    static void require(StoredSaga saga, boolean holds, String otherwise) {
        if (!holds) {
            throw new ViolationError("saga " + saga.title() + " (version " + saga.version() + "): " + otherwise);
        }
    }
}
