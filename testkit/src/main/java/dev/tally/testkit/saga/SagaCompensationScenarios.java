package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.definition.StuckUndo;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.Parking;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * The way back, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaCompensationScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaCompensationScenarios() {}

    @Test
    @Scenario("saga-19")
    void aRefusalUndoesWhatWasDoneInReverseOneAfterTheOther() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);

        assertThat(world.sentSteps()).containsExactly("undo room");
        done(node, "undo room");
        assertThat(world.sentSteps()).containsExactly("undo seat");
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
        assertThat(world.step(saga.id(), "charge")).isEqualTo(StepState.REFUSED);
    }

    @Test
    @Scenario("saga-20")
    void aCompensationThatFailsIsTriedAgainAndThenParked() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);
        node.answer(world.take("undo room"), ReplyOutcome.FAILED, null);
        assertThat(world.step(saga.id(), "room")).isEqualTo(StepState.UNDO_RETRYING);
        node.wake();
        assertThat(world.sent()).as("not before its time").isEmpty();
        passAndWake(node);
        Message last = world.take("undo room");
        node.answer(last, ReplyOutcome.FAILED, null);

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        assertThat(world.parking(saga.id()).reason()).contains("'room'").contains("the test says failed");
        passAndWake(node);
        assertThat(world.sent()).as("the others wait").isEmpty();
        node.answer(last, ReplyOutcome.DONE, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    @Scenario("saga-20")
    void otherCompensationsGoOnIfTheDefinitionSaysSo() {
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .whenAnUndoIsStuck(StuckUndo.CONTINUE)
                .parallel(both -> both.branch(branch -> branch.compensatable(
                                "seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                                        .compensation(trip -> new Cancel(trip.id(), "seat"))))
                        .branch(branch -> branch.compensatable(
                                        "car", step -> step.command("cars", trip -> new Book(trip.id(), "car"))
                                                .compensation(trip -> new Cancel(trip.id(), "car")))
                                .compensatable(
                                        "room", step -> step.command("hotel", trip -> new Book(trip.id(), "room"))
                                                .compensation(trip -> new Cancel(trip.id(), "room")))))
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        List.of("seat", "car", "room").forEach(step -> done(node, step));
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);
        node.answer(world.take("undo seat"), ReplyOutcome.REFUSED, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        done(node, "undo room");
        done(node, "undo car");
        assertThat(world.step(saga.id(), "car")).isEqualTo(StepState.UNDONE);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
    }

    @Test
    @Scenario("saga-21")
    void aCompensationThatIsRefusedIsParkedAndNeverCalledCompensated() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        node.answer(world.take("room"), ReplyOutcome.REFUSED, null);
        node.answer(world.take("undo seat"), ReplyOutcome.REFUSED, null);

        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.UNDO_STUCK);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        assertThat(world.parking(saga.id()).kind()).isEqualTo(Parking.Kind.STEP);
        passAndWake(node);
        assertThat(world.sent()).isEmpty();
    }

    @Test
    @Scenario("saga-22")
    void aRetriableStepIsTriedUntilItIsDone() {
        SagaDefinition<Trip> definition = seatAndRoom()
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .retriable("send", step -> step.command("post", trip -> new Book(trip.id(), "send")))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        List.of("seat", "room", "charge").forEach(step -> done(node, step));
        for (int i = 0; i < 40; i++) {
            ReplyOutcome outcome = i % 2 == 0 ? ReplyOutcome.FAILED : ReplyOutcome.REFUSED;
            node.answer(world.take("send"), outcome, null);
            assertThat(world.step(saga.id(), "send")).isEqualTo(StepState.RETRYING);
            world.passes(MORE_THAN_ANY_WAIT);
            node.wake();
        }
        done(node, "send");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
    }

    @Test
    @Scenario("saga-22")
    void aRetriableStepWithABoundIsParked() {
        SagaDefinition<Trip> definition = seatAndRoom()
                .retriable("send", step -> step.command("post", trip -> new Book(trip.id(), "send"))
                        .retry(TWICE))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        List.of("seat", "room").forEach(step -> done(node, step));
        node.answer(world.take("send"), ReplyOutcome.FAILED, null);
        passAndWake(node);
        node.answer(world.take("send"), ReplyOutcome.FAILED, null);

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        assertThat(world.step(saga.id(), "send")).isEqualTo(StepState.STUCK);
        assertThat(world.sent()).isEmpty();
    }

    @Test
    @Scenario("saga-26")
    void repliesOfParallelStepsAtTheSameTimeAreBothTakenAndTheJoinIsDoneOnce() throws Exception {
        SagaWorld.Node one = world.node(parallelTrip());
        SagaWorld.Node other = world.node(parallelTrip());
        for (int i = 0; i < 20; i++) {
            String key = "t-" + i;
            SagaStart saga = one.start("trip", key, Trip.of(key));
            done(one, "check");
            Message seat = world.take("seat");
            Message room = world.take("room");
            Future<?> first = threads.submit(() -> one.answer(seat, ReplyOutcome.DONE, new Booked("seat-1")));
            Future<?> second = threads.submit(() -> other.answer(room, ReplyOutcome.DONE, new Booked("room-1")));
            first.get();
            second.get();

            assertThat(world.saga(saga.id()).data()).contains("seat-1").contains("room-1");
            assertThat(world.sentSteps()).containsExactly("charge");
            world.take("charge");
        }
    }

    @Test
    @Scenario("saga-27")
    void whenOneParallelStepIsRefusedTheOtherIsAwaitedAndUndone() {
        SagaWorld.Node node = world.node(parallelTrip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "check");
        node.answer(world.take("room"), ReplyOutcome.REFUSED, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.ACTIVE);
        assertThat(world.sentSteps()).containsExactly("seat");
        done(node, "seat");

        assertThat(world.sentSteps()).containsExactly("undo seat");
        done(node, "undo seat");
        done(node, "undo check");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    @Scenario("saga-27")
    void whenOneParallelStepIsRefusedTheOtherTimesOutAndIsUndone() {
        SagaWorld.Node node = world.node(parallelTrip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "check");
        node.answer(world.take("room"), ReplyOutcome.REFUSED, null);
        world.take("seat");
        passAndWake(node);
        assertThat(world.sentSteps()).as("it is not tried again").containsExactly("undo seat");
        done(node, "undo seat");
        done(node, "undo check");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    @Scenario("saga-28")
    void aStepIsUndoneAfterAllThatCameBehindIt() {
        SagaWorld.Node node = world.node(parallelTrip());
        node.start("trip", "t-1", Trip.of("t-1"));
        List.of("check", "seat", "room").forEach(step -> done(node, step));
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);
        assertThat(world.sentSteps()).containsExactlyInAnyOrder("undo seat", "undo room");
        done(node, "undo room");
        assertThat(world.sentSteps()).containsExactly("undo seat");
        done(node, "undo seat");
        assertThat(world.sentSteps()).containsExactly("undo check");
    }

    @Test
    @Scenario("saga-18")
    void aStepWhoseFirstAttemptIsUnknownAndWhoseSecondFailsIsUndone() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message first = world.take("seat");
        passAndWake(node);
        passAndWake(node);
        node.answer(world.take("seat"), ReplyOutcome.FAILED, null);

        assertThat(world.sentSteps()).containsExactly("undo seat");
        node.answer(first, ReplyOutcome.DONE, new Booked("it was done after all"));
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    @Scenario("saga-32")
    void whileTheBrokerIsAwayCompensationsWaitWithoutAStorm() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        node.answer(world.take("room"), ReplyOutcome.REFUSED, null);
        // Nobody answers for an hour: what is sent waits in the outbox.
        int sent = 0;
        for (int second = 0; second < 3600 && world.saga(saga.id()).state() != SagaState.PARKED; second += 5) {
            world.passes(Duration.ofSeconds(5));
            node.wake();
            sent = world.sent().size();
        }
        assertThat(sent).isLessThanOrEqualTo(2);
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }
}
