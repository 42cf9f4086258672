package dev.tally.saga.engine;

import dev.tally.saga.StepState;
import dev.tally.saga.definition.LockPolicy;
import dev.tally.saga.lock.SagaLocks;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.Parking;
import java.time.Duration;
import java.time.Instant;

/** Steps that take semantic locks. For one thread. */
final class LockSteps {

    /** How often a saga that waits for a lock looks whether its owner's lease is over. */
    private static final Duration LOOK = Duration.ofMinutes(1);

    private static final int MAX_NAME = 255;

    private final SagaLocks locks;
    private final Instant now;

    LockSteps(SagaLocks locks, Instant now) {
        this.locks = locks;
        this.now = now;
    }

    void acquire(SagaRun<?> run, Effect.AcquireLock effect) {
        if (run.progress(effect.step()).state() != StepState.ACTIVE) {
            return;
        }
        requireName(run, effect);
        SagaLocks.Outcome outcome = locks.acquire(
                effect.resource(), run.before().id(), effect.policy() == LockPolicy.QUEUE, now, effect.lease());
        int attempt = run.progress(effect.step()).attempt();
        switch (outcome) {
            case GRANTED ->
                SagaWork.pure(
                        run,
                        () -> run.answer(new Answer(effect.step(), false, attempt, ReplyOutcome.DONE, null, null)));
            case TAKEN -> refuseLock(run, effect, attempt, "another saga has the lock '" + effect.resource() + "'");
            case DEADLOCK ->
                refuseLock(
                        run,
                        effect,
                        attempt,
                        "waiting for the lock '" + effect.resource()
                                + "' would be a deadlock: its owner waits for this saga");
            case QUEUED -> run.lookAgainBy(effect.step(), now.plus(least(effect.lease(), LOOK)));
        }
    }

    private static void requireName(SagaRun<?> run, Effect.AcquireLock effect) {
        int length = effect.resource().length();
        if (effect.resource().isBlank() || length > MAX_NAME) {
            throw new DefinitionFailure(
                    run.before().id(),
                    new Parking(
                            Parking.Kind.ERROR,
                            "step '" + effect.step() + "' wants a lock whose name has " + length
                                    + " characters; it may have 1 to " + MAX_NAME));
        }
    }

    private static Duration least(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static void refuseLock(SagaRun<?> run, Effect.AcquireLock effect, int attempt, String why) {
        SagaWork.pure(
                run, () -> run.answer(new Answer(effect.step(), false, attempt, ReplyOutcome.REFUSED, null, why)));
    }
}
