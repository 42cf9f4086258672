package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.saga.RefusedException;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.testkit.scenario.Scenario;
import org.junit.jupiter.api.Test;

/**
 * Steps in the transaction of the state, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaLocalStepScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaLocalStepScenarios() {}

    @Test
    @Scenario("saga-31")
    void whenTheStateCannotBeKeptTheEffectsOfTheStepAndItsCommandsAreTakenBack() {
        boolean[] fails = {true};
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .compensatable("note", step -> step.local((trip, context) -> {
                            write("noted " + trip.id());
                            if (fails[0]) {
                                // What is kept of the saga at the end of the transaction fails by that.
                                jdbc().update("UPDATE tally_saga SET version = version + 1");
                            }
                            return trip;
                        })
                        .undoneLocally((trip, context) -> trip))
                .compensatable("seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .compensation(trip -> new Cancel(trip.id(), "seat")))
                .build();
        SagaWorld.Node node = world.node(definition);
        assertThatThrownBy(() -> node.start("trip", "t-1", Trip.of("t-1")))
                .isInstanceOf(dev.tally.saga.store.StaleSagaException.class)
                .hasMessageContaining("somebody else has changed it");
        assertThat(journal()).isEmpty();
        assertThat(world.sent()).isEmpty();
        fails[0] = false;
        node.start("trip", "t-1", Trip.of("t-1"));
        assertThat(journal()).containsExactly("noted t-1");
        assertThat(world.sentSteps()).containsExactly("seat");
    }

    @Test
    @Scenario("saga-31")
    void aLocalStepThatFailsIsTakenBackAndTriedAgain() {
        int[] calls = new int[1];
        SagaDefinition<Trip> definition = seatAndRoom()
                .retriable(
                        "confirm",
                        step -> step.local((trip, context) -> {
                            write("attempt " + context.attempt());
                            calls[0]++;
                            if (context.attempt() < 3) {
                                throw new IllegalStateException("not yet");
                            }
                            return trip.receipt("r");
                        }))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        assertThat(world.step(saga.id(), "confirm")).isEqualTo(StepState.RETRYING);
        assertThat(world.step(saga.id(), "room")).isEqualTo(StepState.DONE);
        assertThat(journal()).isEmpty();
        for (int i = 0; i < 2; i++) {
            world.passes(MORE_THAN_ANY_WAIT);
            node.wake();
        }
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(journal()).containsExactly("attempt 3");
        assertThat(calls[0]).isEqualTo(3);
    }

    @Test
    void aLocalStepThatRefusesIsTakenBackAndTheSagaGoesItsWayBack() {
        SagaDefinition<Trip> definition = seatAndRoom()
                .pivot(
                        "charge",
                        step -> step.local((trip, context) -> {
                            write("charged");
                            throw new RefusedException("no money");
                        }))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        assertThat(world.step(saga.id(), "charge")).isEqualTo(StepState.REFUSED);
        assertThat(journal()).isEmpty();
        assertThat(world.sentSteps()).containsExactly("undo room");
    }

    @Test
    void aLocalStepAtTheBeginningIsTheCallersOwn() {
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .compensatable("order", step -> step.local((trip, context) -> {
                            write("ordered " + context.businessKey());
                            if (trip.price() == 0) {
                                throw new RefusedException("nothing is free");
                            }
                            return trip.receipt("r-1");
                        })
                        .undoneLocally((trip, context) -> {
                            write("cancelled " + trip.receipt());
                            return trip;
                        }))
                .compensatable("seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .compensation(trip -> new Cancel(trip.id(), "seat")))
                .build();
        SagaWorld.Node node = world.node(definition);
        assertThatThrownBy(() -> node.start("trip", "t-0", new Trip("t-0", 0, null, null, null)))
                .isInstanceOf(RefusedException.class);
        assertThat(node.sagas().find("trip", "t-0")).isNull();
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        assertThat(world.step(saga.id(), "order")).isEqualTo(StepState.DONE);
        node.answer(world.take("seat"), ReplyOutcome.REFUSED, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
        assertThat(journal()).containsExactly("cancelled r-1", "ordered t-1");
    }
}
