package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.LockPolicy;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.SagaAct;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Signals, choices, sagas within sagas, cancelling, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaFlowScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaFlowScenarios() {}

    @Test
    @Scenario("saga-39")
    void cancellingBeforeThePivotUndoesAndAfterItIsRefused() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        world.take("room");
        assertThat(node.sagas().cancel("trip", "t-1", "changed my mind")).isNull();
        node.wake();
        assertThat(world.sentSteps()).containsExactly("undo room");
        done(node, "undo room");
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
        assertThat(node.sagas().cancel("trip", "t-1", "again")).contains("COMPENSATED");

        node.start("trip", "t-2", Trip.of("t-2"));
        done(node, "seat");
        done(node, "room");
        assertThat(node.sagas().cancel("trip", "t-2", "too late?")).contains("'charge' may have been done");
        done(node, "charge");
        assertThat(node.sagas().cancel("trip", "t-2", "too late")).contains("COMPLETED");
        assertThat(node.sagas().cancel("trip", "t-3", "who?")).contains("there is no saga");
    }

    @Test
    void aSignalIsTakenBeforeAndAfterTheStepWaits() {
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .compensatable(
                        "approval",
                        step -> step.awaits("approved", Booked.class, (trip, booked) -> trip.receipt(booked.number())))
                .compensatable("seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .compensation(trip -> new Cancel(trip.id(), trip.seat())))
                .compensatable(
                        "visa", step -> step.awaits("visa", Booked.class, (trip, booked) -> trip.room(booked.number()))
                                .timeout(Duration.ofMinutes(5)))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        assertThat(node.sagas().signal("trip", "t-1", "visa", new Booked("v"))).isTrue();
        assertThat(node.sagas().signal("trip", "t-1", "approved", new Booked("a")))
                .isTrue();
        assertThat(node.sagas().signal("trip", "t-9", "approved", new Booked("a")))
                .isFalse();
        node.wake();
        done(node, "seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(world.saga(saga.id()).data()).contains("\"a\"").contains("\"v\"");

        SagaStart late = node.start("trip", "t-2", Trip.of("t-2"));
        node.sagas().signal("trip", "t-2", "approved", new Booked("a"));
        node.wake();
        done(node, "seat");
        world.passes(Duration.ofMinutes(6));
        node.wake();
        assertThat(world.saga(late.id()).state()).isEqualTo(SagaState.RUNNING);
        for (int i = 0; i < 4; i++) {
            world.passes(Duration.ofMinutes(6));
            node.wake();
        }
        done(node, "undo seat");
        assertThat(world.saga(late.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    void oneOfSeveralWaysIsGoneAndOnlyThatIsUndone() {
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .choose("class", way -> way.when(
                                "first",
                                trip -> trip.price() > 50,
                                branch -> branch.compensatable(
                                        "lounge", step -> step.command("lounge", trip -> new Book(trip.id(), "lounge"))
                                                .compensation(trip -> new Cancel(trip.id(), "lounge"))))
                        .otherwise(
                                "second",
                                branch -> branch.compensatable(
                                        "bench", step -> step.command("bench", trip -> new Book(trip.id(), "bench"))
                                                .compensation(trip -> new Cancel(trip.id(), "bench")))))
                .compensatable("extra", step -> step.command("extra", trip -> new Book(trip.id(), "extra"))
                        .when(trip -> trip.price() < 0)
                        .compensation(trip -> new Cancel(trip.id(), "extra")))
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        assertThat(world.sentSteps()).containsExactly("lounge");
        done(node, "lounge");
        assertThat(world.step(saga.id(), "bench")).isEqualTo(StepState.SKIPPED);
        assertThat(world.step(saga.id(), "extra")).isEqualTo(StepState.SKIPPED);
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);
        assertThat(world.sentSteps()).containsExactly("undo lounge");
        done(node, "undo lounge");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    void aSagaWithinASagaIsAwaitedAndCancelled() {
        SagaDefinition<Trip> inner = SagaDefinition.named("stay", Trip.class)
                .compensatable("room", step -> step.command("hotel", trip -> new Book(trip.id(), "room"))
                        .onDone(Booked.class, (trip, booked) -> trip.room(booked.number()))
                        .compensation(trip -> new Cancel(trip.id(), trip.room())))
                .build();
        SagaDefinition<Trip> outer = SagaDefinition.named("trip", Trip.class)
                .compensatable("stay", step -> step.saga("stay", trip -> trip.id() + "-stay", trip -> trip)
                        .onDone(Trip.class, (trip, stay) -> trip.room(String.valueOf(stay.room())))
                        .nothingToUndo())
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .build();
        SagaWorld.Node node = world.node(outer, inner);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "room");
        node.deliver(world.takeReplies());
        assertThat(world.saga(saga.id()).data()).contains("room-1");
        assertThat(world.sentSteps()).containsExactly("charge");

        SagaStart other = node.start("trip", "t-2", Trip.of("t-2"));
        assertThat(node.sagas().cancel("trip", "t-2", "no")).isNull();
        node.wake();
        world.take("room");
        assertThat(world.sentSteps()).contains("undo room");
        node.answer(world.take("undo room"), ReplyOutcome.DONE, null);
        node.deliver(world.takeReplies());
        assertThat(world.saga(other.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    private SagaDefinition<Trip> locked(String name, LockPolicy policy, String... resources) {
        SagaDefinition.Builder<Trip> builder = SagaDefinition.named(name, Trip.class);
        for (String resource : resources) {
            builder.lock("lock-" + resource, trip -> resource, policy)
                    .compensatable(
                            "with-" + resource, step -> step.command("air", trip -> new Book(trip.id(), resource))
                                    .compensation(trip -> new Cancel(trip.id(), resource)));
        }
        return builder.build();
    }

    @Test
    @Scenario("saga-36")
    void theSecondOneWaitsForTheLockUntilTheFirstOneHasEnded() {
        SagaWorld.Node node = world.node(locked("trip", LockPolicy.QUEUE, "A"));
        SagaStart first = node.start("trip", "t-1", Trip.of("t-1"));
        SagaStart second = node.start("trip", "t-2", Trip.of("t-2"));
        SagaStart third = node.start("trip", "t-3", Trip.of("t-3"));
        assertThat(world.sentSteps(second.id())).isEmpty();
        done(node, "with-A");
        assertThat(world.saga(first.id()).state()).isEqualTo(SagaState.COMPLETED);
        node.wake();
        assertThat(world.sentSteps(second.id())).containsExactly("with-A");
        assertThat(world.sentSteps(third.id())).isEmpty();
        node.answer(world.take("with-A"), ReplyOutcome.REFUSED, null);
        assertThat(world.saga(second.id()).state()).isEqualTo(SagaState.COMPENSATED);
        node.wake();
        assertThat(world.sentSteps(third.id())).containsExactly("with-A");
    }

    @Test
    @Scenario("saga-36")
    void theSecondOneIsRefusedIfItSaysSo() {
        SagaWorld.Node node = world.node(locked("trip", LockPolicy.FAIL, "A"));
        node.start("trip", "t-1", Trip.of("t-1"));
        SagaStart second = node.start("trip", "t-2", Trip.of("t-2"));
        assertThat(world.saga(second.id()).state()).isEqualTo(SagaState.COMPENSATED);
        assertThat(world.saga(second.id()).step("lock-A").reason()).contains("another saga has the lock 'A'");
    }

    @Test
    @Scenario("saga-37")
    void ofTwoSagasThatWouldWaitForOneAnotherOneIsCompensated() {
        SagaWorld.Node node =
                world.node(locked("there", LockPolicy.QUEUE, "A", "B"), locked("back", LockPolicy.QUEUE, "B", "A"));
        SagaStart there = node.start("there", "t-1", Trip.of("t-1"));
        SagaStart back = node.start("back", "t-1", Trip.of("t-1"));
        done(node, "with-A");
        assertThat(world.step(there.id(), "lock-B")).isEqualTo(StepState.ACTIVE);
        done(node, "with-B");
        assertThat(world.step(back.id(), "lock-A")).isEqualTo(StepState.REFUSED);
        assertThat(world.saga(back.id()).step("lock-A").reason()).contains("deadlock");
        done(node, "undo with-B");
        assertThat(world.saga(back.id()).state()).isEqualTo(SagaState.COMPENSATED);
        node.wake();
        done(node, "with-B");
        assertThat(world.saga(there.id()).state()).isEqualTo(SagaState.COMPLETED);
    }

    @Test
    @Scenario("saga-38")
    void aLockWhoseOwnerNeverEndsIsTakenWhenItsLeaseIsOver() {
        SagaWorld.Node node = world.node(locked("trip", LockPolicy.QUEUE, "A"));
        SagaStart first = node.start("trip", "t-1", Trip.of("t-1"));
        node.perform(first.id(), new SagaAct.Quarantine());
        world.take("with-A");
        SagaStart second = node.start("trip", "t-2", Trip.of("t-2"));
        world.passes(Duration.ofMinutes(30));
        node.wake();
        assertThat(world.sentSteps(second.id())).isEmpty();
        world.passes(Duration.ofMinutes(31));
        node.wake();
        assertThat(world.sentSteps(second.id())).containsExactly("with-A");
    }

    @Test
    void whoUndoesWhatSomebodyElseHasDoneIsTold() {
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .compensatable("seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .compensation(trip -> new Cancel(trip.id(), "seat")))
                .compensatable("room", step -> step.command("hotel", trip -> new Book(trip.id(), "room"))
                        .compensation("desk", trip -> new Cancel(trip.id(), "room")))
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .build();
        SagaWorld.Node node = world.node(definition);
        node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);
        Message room = world.take("undo room");
        assertThat(room.destination().topic()).isEqualTo("desk");
        assertThat(SagaCommand.of(room).elsewhere()).isTrue();
        node.answer(room, ReplyOutcome.DONE, null);
        assertThat(SagaCommand.of(world.take("undo seat")).elsewhere()).isFalse();
    }
}
