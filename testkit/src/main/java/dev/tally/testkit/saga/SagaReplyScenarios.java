package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Message;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.IllegalTransactionStateException;

/**
 * Starting sagas, and what replies make of them, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaReplyScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaReplyScenarios() {}

    @Test
    @Scenario("saga-7")
    void aSagaThatIsNeverRefusedIsCompleted() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        assertThat(saga.isNew()).isTrue();
        assertThat(world.sentSteps()).containsExactly("seat");
        done(node, "seat");
        done(node, "room");
        done(node, "charge");

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(journal()).containsExactly("confirmed t-1 charge-1");
        assertThat(world.sent()).isEmpty();
        assertThat(world.saga(saga.id()).wakeAt()).isNull();
    }

    @Test
    @Scenario("saga-2")
    void startingTwiceWithOneKeyGivesTheSagaThereIs() {
        SagaWorld.Node node = world.node(trip());
        SagaStart first = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        SagaStart second = node.start("trip", "t-1", Trip.of("other"));

        assertThat(second).isEqualTo(new SagaStart(first.id(), SagaState.RUNNING, false));
        assertThat(world.sentSteps()).containsExactly("room");
    }

    @Test
    @Scenario("saga-2")
    void startingTwiceAtTheSameTimeGivesOneSaga() throws Exception {
        SagaWorld.Node node = world.node(trip());
        Future<SagaStart> one = threads.submit(() -> node.start("trip", "t-1", Trip.of("t-1")));
        Future<SagaStart> other = threads.submit(() -> node.start("trip", "t-1", Trip.of("t-1")));

        assertThat(one.get().id()).isEqualTo(other.get().id());
        assertThat(one.get().isNew()).isNotEqualTo(other.get().isNew());
        assertThat(world.sentSteps()).containsExactly("seat");
    }

    @Test
    @Scenario("saga-3")
    void aStartThatIsRolledBackLeavesNothing() {
        SagaWorld.Node node = world.node(trip());
        world.transaction().executeWithoutResult(status -> {
            node.sagas().start("trip", "t-1", Trip.of("t-1"));
            status.setRollbackOnly();
        });

        assertThat(node.sagas().find("trip", "t-1")).isNull();
        assertThat(world.sent()).isEmpty();
        world.passes(MORE_THAN_ANY_WAIT);
        node.wake();
        assertThat(world.sent()).isEmpty();
        assertThat(jdbc().queryForList("SELECT * FROM tally_saga_history")).isEmpty();
    }

    @Test
    void startingNeedsATransaction() {
        SagaWorld.Node node = world.node(trip());
        assertThatThrownBy(() -> node.sagas().start("trip", "t-1", Trip.of("t-1")))
                .isInstanceOf(IllegalTransactionStateException.class);
        assertThatThrownBy(() -> node.start("trip", "t-1", "no trip"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a java.lang.String");
        assertThatThrownBy(() -> node.start("voyage", "t-1", Trip.of("t-1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("there is no such definition");
    }

    @Test
    @Scenario("saga-9")
    void aReplyThatComesTwiceIsTakenOnce() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message command = world.take("seat");
        node.answer(command, ReplyOutcome.DONE, new Booked("first"));
        node.answer(command, ReplyOutcome.DONE, new Booked("second"));

        assertThat(world.sentSteps()).containsExactly("room");
        assertThat(world.saga(saga.id()).data()).contains("first").doesNotContain("second");
        assertThat(world.strays(saga.id())).hasSize(1);
        assertThat(world.strays(saga.id()).get(0).why()).contains("the step is DONE");
    }

    @Test
    @Scenario("saga-9")
    void bothOfOneBatchAreTakenOnce() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message reply = world.reply(world.take("seat"), ReplyOutcome.DONE, new Booked("first"));

        assertThat(node.deliver(List.of(reply, reply)))
                .allMatch(outcome -> outcome instanceof DeliveryOutcome.Delivered);
        assertThat(world.sentSteps()).containsExactly("room");
        assertThat(world.saga(saga.id()).version()).isEqualTo(2);
    }

    @Test
    @Scenario("saga-10")
    void aReplyOfAnEarlierAttemptIsTakenAndTheLaterOneIsNot() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message first = world.take("seat");
        passAndWake(node);
        passAndWake(node);
        Message second = world.take("seat");
        node.answer(first, ReplyOutcome.DONE, new Booked("of first"));
        node.answer(second, ReplyOutcome.DONE, new Booked("of second"));

        assertThat(world.saga(saga.id()).data()).contains("of first").doesNotContain("of second");
        assertThat(world.sentSteps()).containsExactly("room");
        assertThat(world.strays(saga.id())).hasSize(1);
    }

    @Test
    @Scenario("saga-10")
    void aFailureOfAnEarlierAttemptChangesNothing() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message first = world.take("seat");
        passAndWake(node);
        passAndWake(node);
        node.answer(first, ReplyOutcome.FAILED, null);

        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.ACTIVE);
        assertThat(world.strays(saga.id())).hasSize(1);
    }

    @Test
    @Scenario("saga-12")
    void anyReplyAfterTheEndChangesNothing() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message seat = world.take("seat");
        node.answer(seat, ReplyOutcome.REFUSED, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
        long version = world.saga(saga.id()).version();
        for (ReplyOutcome outcome : ReplyOutcome.values()) {
            node.answer(seat, outcome, outcome == ReplyOutcome.DONE ? new Booked("x") : null);
        }

        assertThat(world.saga(saga.id()).version()).isEqualTo(version);
        assertThat(world.sent()).isEmpty();
        assertThat(world.strays(saga.id())).hasSize(ReplyOutcome.values().length);
        assertThat(world.strays(saga.id()))
                .anyMatch(stray -> String.valueOf(stray.why()).contains("it reveals an effect that nobody undoes"));
    }

    @Test
    @Scenario("saga-12")
    void aReplyForNobodyIsKept() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        Message reply = world.reply(world.take("seat"), ReplyOutcome.DONE, new Booked("x"));
        jdbc().update("DELETE FROM tally_saga");

        assertThat(node.deliver(List.of(reply)).get(0)).isInstanceOf(DeliveryOutcome.Delivered.class);
        assertThat(world.strays(saga.id())).hasSize(1);
    }
}
