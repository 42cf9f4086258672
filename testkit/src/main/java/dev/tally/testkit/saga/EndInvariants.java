package dev.tally.testkit.saga;

import static dev.tally.testkit.saga.SagaInvariants.require;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaStep;
import dev.tally.saga.definition.StepAction;
import dev.tally.saga.store.Mail;
import dev.tally.saga.store.ParentStep;
import dev.tally.saga.store.StoredSaga;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What has to hold when nothing is under way any more. For one thread. */
final class EndInvariants {

    private final SimulatedWorld world;
    private final Definitions definitions;
    private final SimulatedParticipants participants;
    private final boolean operated;
    private final Map<ParentStep, StoredSaga> byParent = new HashMap<>();

    EndInvariants(SimulatedWorld world, Definitions definitions, SimulatedParticipants participants, boolean operated) {
        this.world = world;
        this.definitions = definitions;
        this.participants = participants;
        this.operated = operated;
        world.store().all().stream()
                .filter(saga -> saga.parent() != null)
                .forEach(saga -> byParent.put(saga.parent(), saga));
    }

    void check() {
        for (StoredSaga saga : world.store().all()) {
            if (!operated && (saga.state() == SagaState.PARKED || waitsForAnother(saga))) {
                continue;
            }
            require(saga, saga.state().isEnd(), "it waits for ever: " + saga);
            require(saga, !world.locks().knows(saga.id()), "it has ended, and has locks still");
            if (resolvedByHand(saga)) {
                continue;
            }
            for (SagaStep<?> step : definitions.of(saga).steps()) {
                check(saga, step);
            }
        }
    }

    /** A saga that it runs is parked, or waits for one that is. */
    private boolean waitsForAnother(StoredSaga saga) {
        return byParent.entrySet().stream()
                .anyMatch(each -> each.getKey().sagaId().equals(saga.id())
                        && !each.getValue().state().isEnd());
    }

    private boolean resolvedByHand(StoredSaga saga) {
        return tells(saga, null, "resolved by hand");
    }

    private boolean tells(StoredSaga saga, @Nullable String step, String text) {
        return world.store().history(saga.id()).stream()
                .flatMap(entry -> entry.events().stream())
                .anyMatch(event -> (step == null || step.equals(event.step()))
                        && event.text() != null
                        && event.text().contains(text));
    }

    private void check(StoredSaga saga, SagaStep<?> step) {
        StepState at = saga.step(step.name()).state();
        boolean completed = saga.state() == SagaState.COMPLETED;
        boolean fits = completed
                ? at.isPassed()
                : switch (at) {
                    case PENDING, SKIPPED, REFUSED, UNDONE -> true;
                    default -> false;
                };
        require(saga, fits, "it is " + saga.state() + ", and step " + step.name() + " is " + at);
        if (tells(saga, step.name(), "by hand")) {
            return;
        }
        if (step.action() instanceof StepAction.Command) {
            checkCommand(saga, step, at);
        } else if (step.action() instanceof StepAction.Local) {
            SimulatedWorld.LocalEffect effect = world.localEffect(new StepId(saga.id(), step.name()));
            if (world.localEffectsAreTold()) {
                checkCounts(saga, step, at, effect.done(), effect.undone());
            }
        } else if (step.action() instanceof StepAction.SubSaga) {
            checkSubSaga(saga, step, at);
        }
    }

    private void checkCommand(StoredSaga saga, SagaStep<?> step, StepState at) {
        SimulatedParticipants.Effect effect = participants.effects().get(new StepId(saga.id(), step.name()));
        int dones = effect == null ? 0 : effect.dones();
        int undos = effect == null ? 0 : effect.undos();
        if (at == StepState.REFUSED && dones > undos && effect != null && effect.isContradicted()) {
            // The participant said that it refused, and did it later: somebody has to know.
            require(
                    saga,
                    effect.isAnswerLost()
                            || world.store().mail(saga.id(), Mail.Kind.STRAY, step.name()).stream()
                                    .anyMatch(mail ->
                                            mail.why() != null && mail.why().contains("reveals")),
                    "step " + step.name() + " took effect after its refusal, and nobody is told");
            return;
        }
        checkCounts(saga, step, at, dones, undos);
    }

    private static void checkCounts(StoredSaga saga, SagaStep<?> step, StepState at, int dones, int undos) {
        String found =
                "step " + step.name() + " is " + at + ", was done " + dones + " times and undone " + undos + " times";
        switch (at) {
            case DONE -> require(saga, dones == 1 && undos == 0, found);
            case UNDONE -> {
                boolean nothing = step.undo() instanceof StepAction.Nothing;
                require(saga, dones <= 1 && undos == (nothing ? 0 : dones), found);
            }
            default -> require(saga, dones == 0 && undos == 0, found);
        }
    }

    /** A step that another saga does is done if and only if one of its attempts is completed. */
    private void checkSubSaga(StoredSaga saga, SagaStep<?> step, StepState at) {
        long done = attempts(saga, step, saga.step(step.name()).attempt(), false);
        long undone = attempts(saga, step, saga.step(step.name()).undoAttempt(), true);
        String found = "step " + step.name() + " is " + at + ", and its sagas were completed " + done
                + " times, those that undo it " + undone + " times";
        switch (at) {
            case DONE -> require(saga, done == 1 && undone == 0, found);
            case UNDONE -> {
                boolean bySaga = step.undo() instanceof StepAction.SubSaga;
                require(saga, done <= 1 && (!bySaga || undone == 1), found);
                checkOrder(saga, step);
            }
            default -> require(saga, done == 0 && undone == 0, found);
        }
    }

    private long attempts(StoredSaga saga, SagaStep<?> step, int attempts, boolean undo) {
        long completed = 0;
        for (int attempt = 1; attempt <= attempts; attempt++) {
            StoredSaga sub = byParent.get(new ParentStep(saga.id(), step.name(), attempt, undo));
            if (sub != null && sub.state() == SagaState.COMPLETED) {
                completed++;
            }
        }
        return completed;
    }

    /** What undoes a step begins when nothing can be done for it any more. */
    private void checkOrder(StoredSaga saga, SagaStep<?> step) {
        if (world.clock().hasGoneBack()) {
            return;
        }
        List<StoredSaga> of = byParent.entrySet().stream()
                .filter(each -> each.getKey().sagaId().equals(saga.id())
                        && each.getKey().step().equals(step.name()))
                .map(Map.Entry::getValue)
                .toList();
        for (StoredSaga undoing : of) {
            for (StoredSaga doing : of) {
                if (isUndo(undoing) && !isUndo(doing) && doing.state() == SagaState.COMPLETED) {
                    require(
                            saga,
                            doing.endedAt() != null
                                    && !doing.endedAt()
                                            .isAfter(undoing.startedAt().plusSeconds(5)),
                            "step " + step.name() + " is undone by " + undoing.title() + " while " + doing.title()
                                    + " still did it");
                }
            }
        }
    }

    private static boolean isUndo(StoredSaga sub) {
        return sub.parent() != null && sub.parent().undo();
    }
}
