package dev.tally.saga.engine;

import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.StoredSaga;
import dev.tally.testkit.saga.ExploredOperator;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.springframework.transaction.support.TransactionTemplate;

/** A person who knows the engine from within: does what {@link ByHand} can, at random. */
public final class EngineOperator implements ExploredOperator {

    private static final List<StepState> SKIPPABLE = List.of(
            StepState.ACTIVE,
            StepState.RETRYING,
            StepState.STUCK,
            StepState.UNDOING,
            StepState.UNDO_RETRYING,
            StepState.UNDO_STUCK);

    @Override
    public void act(EngineParts node, StoredSaga saga, RandomGenerator random) {
        int dice = random.nextInt(8);
        try {
            act(node, saga, (work, run) -> act(work, run, dice, random));
        } catch (SagaActRefusedException | DefinitionFailure | LocalFailure e) {
            // A person reads why; nothing was changed.
        }
    }

    private static void act(SagaWork work, SagaRun<?> run, int dice, RandomGenerator random) {
        switch (dice) {
            case 0, 1 -> work.apply(run, () -> advancing(run, () -> run.byHand().retryNow(null)));
            case 2 -> work.apply(run, () -> advancing(run, () -> run.byHand().quarantine("somebody looks into it")));
            case 3, 4 -> work.apply(run, () -> advancing(run, () -> run.byHand().release()));
            case 5 -> work.apply(run, () -> advancing(run, () -> run.byHand().compensate(null, "by a person")));
            case 6 -> skip(work, run, random);
            default -> {
                if (random.nextInt(8) == 0) {
                    SagaState end = run.before().backward() ? SagaState.COMPENSATED : SagaState.COMPLETED;
                    work.apply(run, () -> run.byHand().resolve(end));
                }
            }
        }
    }

    private static void skip(SagaWork work, SagaRun<?> run, RandomGenerator random) {
        List<String> possible = run.before().steps().entrySet().stream()
                .filter(step -> SKIPPABLE.contains(step.getValue().state()))
                .map(java.util.Map.Entry::getKey)
                .sorted()
                .toList();
        if (!possible.isEmpty() && random.nextInt(3) == 0) {
            String step = possible.get(random.nextInt(possible.size()));
            work.apply(run, () -> advancing(run, () -> run.byHand().skip(step, null)));
        }
    }

    private static void advancing(SagaRun<?> run, Runnable act) {
        act.run();
        run.advance();
    }

    @Override
    public void solve(EngineParts node, StoredSaga parked) {
        Parking parking = parked.parking();
        boolean stuck = parking != null && parking.kind() == Parking.Kind.STEP;
        try {
            act(
                    node,
                    parked,
                    (work, run) -> work.apply(
                            run,
                            () -> advancing(run, () -> {
                                if (stuck) {
                                    run.byHand().retryNow(null);
                                } else {
                                    run.byHand().release();
                                }
                            })));
        } catch (LocalFailure e) {
            // The next time, perhaps.
        }
    }

    private static void act(EngineParts node, StoredSaga saga, BiConsumer<SagaWork, SagaRun<?>> act) {
        new TransactionTemplate(node.transactions()).executeWithoutResult(status -> {
            SagaWork work = new SagaWork(node, new KnownFailures());
            work.by("somebody", "to see what happens");
            node.store().lock(List.of(saga.id())).stream()
                    .filter(work::canOpen)
                    .forEach(locked -> act.accept(work, work.open(locked)));
            work.keepAll();
        });
    }
}
