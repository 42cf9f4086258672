package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Time-outs and deadlines, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaTimerScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaTimerScenarios() {}

    @Test
    @Scenario("saga-8")
    void aReplyThatIsLostTimesOutAndTheStepIsTriedAgain() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        world.take("seat");
        passAndWake(node);
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.RETRYING);
        passAndWake(node);
        assertThat(world.sentSteps()).containsExactly("seat");
        done(node, "seat");
        assertThat(world.sentSteps()).containsExactly("room");
    }

    @Test
    @Scenario("saga-8")
    void aStepThatNeverAnswersIsUndone() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        world.take("room");
        passAndWake(node);
        passAndWake(node);
        world.take("room");
        passAndWake(node);

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
        assertThat(world.sentSteps()).containsExactly("undo room");
        done(node, "undo room");
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    @Scenario("saga-11")
    void successThatComesWhenTheUndoHasBegunIsUndone() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message first = world.take("seat");
        passAndWake(node);
        passAndWake(node);
        world.take("seat");
        passAndWake(node);
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.UNDOING);
        node.answer(first, ReplyOutcome.DONE, new Booked("late"));
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.UNDOING);
        done(node, "undo seat");

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
        assertThat(world.strays(saga.id())).hasSize(1);
    }

    @Test
    @Scenario("saga-23")
    void aDeadlineBeforeThePivotUndoesEverything() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        world.passes(Duration.ofMinutes(59).plusSeconds(45));
        Message seat = world.take("seat");
        node.answer(seat, ReplyOutcome.DONE, new Booked("s"));
        world.passes(Duration.ofSeconds(16));
        node.wake();

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
        world.take("room");
        done(node, "undo room");
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    @Scenario("saga-23")
    void aDeadlineAfterThePivotIsOnlyTold() {
        SagaDefinition<Trip> definition = seatAndRoom()
                .deadline(Duration.ofMinutes(1))
                .pivot("charge", step -> step.command("bank", trip -> new Book(trip.id(), "charge")))
                .retriable("send", step -> step.awaits("sent", Booked.class, (trip, booked) -> trip))
                .build();
        int[] overdue = new int[1];
        SagaWorld.Node node = world.node(
                new dev.tally.saga.SagaListener() {
                    @Override
                    public void overdue(String saga, String sagaId) {
                        overdue[0]++;
                    }
                },
                definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        List.of("seat", "room", "charge").forEach(step -> done(node, step));
        world.passes(Duration.ofMinutes(2));
        node.wake();

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.RUNNING);
        assertThat(overdue[0]).isOne();
        assertThat(node.sagas().signal("trip", "t-1", "sent", new Booked("x"))).isTrue();
        node.wake();
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
    }

    @Test
    @Scenario("saga-23")
    void aDeadlineWhileThePivotMayBeDoneWaitsForItsAnswer() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        world.passes(Duration.ofMinutes(59).plusSeconds(45));
        List.of("seat", "room").forEach(step -> done(node, step));
        world.passes(Duration.ofSeconds(16));
        node.wake();
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.RUNNING);
        node.answer(world.take("charge"), ReplyOutcome.REFUSED, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
    }

    @Test
    @Scenario("saga-24")
    void ofATimeOutAndAReplyAtTheSameMomentOneIsTaken() throws Exception {
        SagaWorld.Node node = world.node(trip());
        for (int i = 0; i < 20; i++) {
            String key = "t-" + i;
            SagaStart saga = node.start("trip", key, Trip.of(key));
            Message seat = world.take("seat");
            world.passes(Duration.ofSeconds(31));
            Future<?> reply = threads.submit(() -> node.answer(seat, ReplyOutcome.DONE, new Booked("s")));
            Future<?> wake = threads.submit(node::wake);
            reply.get();
            wake.get();

            // The reply of the attempt that timed out is taken still, so it is done either way, once.
            assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.DONE);
            assertThat(world.sentSteps(saga.id())).containsExactly("room");
        }
    }

    @Test
    @Scenario("saga-25")
    void theTimeOutOfAStepThatIsDoneChangesNothing() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        done(node, "charge");
        long version = world.saga(saga.id()).version();
        world.passes(Duration.ofHours(3));
        node.wake();
        assertThat(world.saga(saga.id()).version()).isEqualTo(version);
        assertThat(world.sent()).isEmpty();
    }

    @Test
    @Scenario("saga-43")
    void aClockThatJumpsForwardLosesNoTimerAndOneThatJumpsBackNeither() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        world.take("seat");
        world.passes(Duration.ofHours(-1));
        node.wake();
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.ACTIVE);
        world.passes(Duration.ofHours(1).plusSeconds(31));
        node.wake();
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.RETRYING);
    }
}
