package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Message;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.engine.SagaAct;
import dev.tally.saga.engine.SagaActRefusedException;
import dev.tally.saga.engine.SagaPreview;
import dev.tally.saga.engine.UnknownSagaException;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.HistoryEntry;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What people do with sagas, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaOperationScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaOperationScenarios() {}

    private SagaStart parkedAtItsPivot(SagaWorld.Node node, String key) {
        SagaStart saga = node.start("trip", key, Trip.of(key));
        done(node, "seat");
        done(node, "room");
        node.answer(world.take("charge"), ReplyOutcome.FAILED, null);
        passAndWake(node);
        node.answer(world.take("charge"), ReplyOutcome.FAILED, null);
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        return saga;
    }

    @Test
    void whatIsStuckIsTriedAgainWithANewBudget() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = parkedAtItsPivot(node, "t-1");
        node.perform(saga.id(), new SagaAct.Retry(null));
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.RUNNING);
        node.answer(world.take("charge"), ReplyOutcome.FAILED, null);
        assertThat(world.step(saga.id(), "charge")).isEqualTo(StepState.RETRYING);
        node.perform(saga.id(), new SagaAct.Retry("charge"));
        done(node, "charge");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThatThrownBy(() -> node.perform(saga.id(), new SagaAct.Retry(null)))
                .isInstanceOf(SagaActRefusedException.class)
                .hasMessageContaining("it is COMPLETED");
        assertThatThrownBy(() -> node.perform("nobody", new SagaAct.Retry(null)))
                .isInstanceOf(UnknownSagaException.class);
    }

    @Test
    @Scenario("saga-42")
    void aStepThatIsSkippedWithASubstituteIsSeenByLaterStepsAndByTheAudit() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        SagaAct skip = new SagaAct.Skip("seat", "{\"number\":\"by-hand\"}");
        SagaPreview preview = node.operations().preview(saga.id(), skip);
        assertThat(preview.effects())
                .singleElement()
                .asString()
                .contains("room")
                .contains("hotel");
        assertThat(world.step(saga.id(), "seat"))
                .as("a preview changes nothing")
                .isEqualTo(StepState.ACTIVE);
        node.perform(saga.id(), skip);
        Message late = world.take("seat");
        node.answer(late, ReplyOutcome.DONE, new Booked("late"));
        node.answer(world.take("room"), ReplyOutcome.REFUSED, null);

        Message undo = world.take("undo seat");
        assertThat(new String(undo.payload(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("by-hand");
        HistoryEntry entry = world.history(saga.id()).get(1);
        assertThat(entry.actor()).isEqualTo("ann");
        assertThat(entry.reason()).isEqualTo("because");
        assertThat(entry.data()).contains("by-hand");
        assertThat(world.audited()).singleElement().satisfies(audit -> {
            assertThat(audit.action()).isEqualTo("saga-skip");
            assertThat(audit.subject()).isEqualTo("trip/" + saga.id());
        });
        assertThatThrownBy(() -> node.perform(saga.id(), new SagaAct.Skip("charge", null)))
                .isInstanceOf(SagaActRefusedException.class)
                .hasMessageContaining("the step is PENDING");
    }

    @Test
    @Scenario("saga-41")
    void ofAPersonAndAReplyAtTheSameTimeOneWinsAndTheOtherIsToldWhy() throws Exception {
        SagaWorld.Node node = world.node(trip());
        int refused = 0;
        for (int i = 0; i < 20; i++) {
            String key = "t-" + i;
            SagaStart saga = node.start("trip", key, Trip.of(key));
            done(node, "seat");
            done(node, "room");
            node.answer(world.take("charge"), ReplyOutcome.FAILED, null);
            world.passes(Duration.ofSeconds(2));
            node.wake();
            Message charge = world.take("charge");
            Future<?> reply = threads.submit(() -> node.answer(charge, ReplyOutcome.REFUSED, null));
            Future<?> person = threads.submit(() -> node.perform(saga.id(), new SagaAct.Compensate(null)));
            reply.get();
            try {
                person.get();
            } catch (java.util.concurrent.ExecutionException e) {
                assertThat(e.getCause())
                        .isInstanceOf(SagaActRefusedException.class)
                        .hasMessageMatching(".*(goes its way back already|may have been done).*");
                refused++;
            }
            assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATING);
            assertThat(world.sentSteps(saga.id())).containsExactly("undo room");
        }
        assertThat(refused).as("the pivot was open or refused before").isEqualTo(20);
    }

    @Test
    void compensatingByHandFromAStepTakesWhatIsBehindItAsUndone() {
        SagaWorld.Node node = world.node(seatAndRoom()
                .compensatable("visa", step -> step.awaits("visa", Booked.class, (trip, booked) -> trip))
                .build());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        done(node, "seat");
        done(node, "room");
        node.perform(saga.id(), new SagaAct.Compensate("seat"));
        assertThat(world.step(saga.id(), "room")).isEqualTo(StepState.UNDONE);
        done(node, "undo seat");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPENSATED);
    }

    @Test
    void dataIsChangedIfItIsStillReadable() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        node.perform(saga.id(), new SagaAct.Patch("{\"price\": 7, \"room\": null}"));
        assertThat(world.saga(saga.id()).data()).contains("\"price\":7");
        assertThatThrownBy(() -> node.perform(saga.id(), new SagaAct.Patch("{\"price\": \"much\"}")))
                .isInstanceOf(SagaActRefusedException.class)
                .hasMessageContaining("nothing was changed");
        assertThatThrownBy(() -> node.perform(saga.id(), new SagaAct.Patch("{\"colour\": \"red\"}")))
                .isInstanceOf(SagaActRefusedException.class)
                .hasMessageContaining("colour");
        done(node, "seat");
        assertThat(world.saga(saga.id()).data()).contains("\"price\":7").contains("seat-1");
    }

    @Test
    @Scenario("saga-33")
    void aSagaInQuarantineTakesNothingUntilItIsReleased() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        node.perform(saga.id(), new SagaAct.Quarantine());
        done(node, "seat");
        world.passes(Duration.ofHours(2));
        node.wake();
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.ACTIVE);
        node.perform(saga.id(), new SagaAct.Release());
        node.wake();
        // The reply was there before the deadline; the saga learns of both at once.
        assertThat(world.step(saga.id(), "seat")).isIn(StepState.DONE, StepState.UNDOING);
    }

    @Test
    void aParkedSagaIsEndedByHand() {
        SagaWorld.Node node = world.node(trip());
        SagaStart running = node.start("trip", "t-0", Trip.of("t-0"));
        assertThatThrownBy(() -> node.perform(running.id(), new SagaAct.Resolve(SagaState.COMPLETED)))
                .isInstanceOf(SagaActRefusedException.class)
                .hasMessageContaining("only what is PARKED can be resolved");
        world.take("seat");
        SagaStart saga = parkedAtItsPivot(node, "t-1");
        node.perform(saga.id(), new SagaAct.Resolve(SagaState.COMPLETED));
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(world.saga(saga.id()).wakeAt()).isNull();
    }

    @Test
    void timersAreMovedAndCancelled() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        node.perform(saga.id(), new SagaAct.MoveTimer("seat", world.now().plus(Duration.ofMinutes(5))));
        passAndWake(node);
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.ACTIVE);
        node.perform(saga.id(), new SagaAct.CancelTimer("seat"));
        world.passes(Duration.ofMinutes(10));
        node.wake();
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.ACTIVE);
        assertThat(world.saga(saga.id()).wakeAt()).as("the saga's own deadline").isNotNull();
        node.perform(saga.id(), new SagaAct.MoveTimer("seat", world.now()));
        node.wake();
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.RETRYING);
        assertThatThrownBy(() -> node.perform(saga.id(), new SagaAct.CancelTimer("seat")))
                .isInstanceOf(SagaActRefusedException.class)
                .hasMessageContaining("move it instead");
    }
}
