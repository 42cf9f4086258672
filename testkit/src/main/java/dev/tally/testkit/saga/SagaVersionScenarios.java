package dev.tally.testkit.saga;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import dev.tally.saga.engine.SagaAct;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.store.Parking;
import dev.tally.saga.store.SagaStore;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Definitions and data that change, and sagas that cannot go on, on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class SagaVersionScenarios extends SagaSuite {

    /** Creates the suite; the database is opened before each test. */
    protected SagaVersionScenarios() {}

    @Test
    @Scenario("saga-33")
    void aSagaWhoseFunctionsFailIsParkedAloneAndItsReplyWaits() {
        boolean[] broken = {true};
        SagaDefinition<Trip> definition = SagaDefinition.named("trip", Trip.class)
                .compensatable("seat", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .onDone(Booked.class, (trip, booked) -> {
                            if (broken[0] && trip.id().equals("t-1")) {
                                throw new IllegalStateException("a bug");
                            }
                            return trip.seat(booked.number());
                        })
                        .compensation(trip -> new Cancel(trip.id(), trip.seat())))
                .build();
        SagaWorld.Node node = world.node(definition);
        SagaStart poison = node.start("trip", "t-1", Trip.of("t-1"));
        SagaStart other = node.start("trip", "t-2", Trip.of("t-2"));
        List<Message> replies = List.of(
                world.reply(world.take("seat"), ReplyOutcome.DONE, new Booked("1")),
                world.reply(world.take("seat"), ReplyOutcome.DONE, new Booked("2")));
        assertThat(node.deliver(replies)).allMatch(outcome -> outcome instanceof DeliveryOutcome.Delivered);

        assertThat(world.saga(other.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(world.saga(poison.id()).state()).isEqualTo(SagaState.PARKED);
        assertThat(world.parking(poison.id()).kind()).isEqualTo(Parking.Kind.ERROR);
        assertThat(world.parking(poison.id()).reason()).contains("a bug");
        passAndWake(node);
        assertThat(world.step(poison.id(), "seat")).isEqualTo(StepState.ACTIVE);
        broken[0] = false;
        node.perform(poison.id(), new SagaAct.Release());
        node.wake();
        assertThat(world.saga(poison.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(world.saga(poison.id()).data()).contains("\"1\"");
    }

    @Test
    @Scenario("saga-34")
    void versionsRunSideBySide() {
        SagaDefinition<Trip> second = seatAndRoom().version(2).build();
        SagaWorld.Node before = world.node(trip());
        SagaStart old = before.start("trip", "t-1", Trip.of("t-1"));
        SagaWorld.Node node = world.node(trip(), second);
        SagaStart fresh = node.start("trip", "t-2", Trip.of("t-2"));
        for (int i = 0; i < 2; i++) {
            done(node, "seat");
            done(node, "room");
        }
        assertThat(world.saga(fresh.id()).state()).isEqualTo(SagaState.COMPLETED);
        assertThat(world.saga(old.id()).definitionVersion()).isEqualTo(1);
        assertThat(world.sentSteps()).containsExactly("charge");
    }

    @Test
    @Scenario("saga-34")
    void aDefinitionThatWasChangedWithoutAnotherVersionParksWhatRuns() {
        SagaWorld.Node before = world.node(trip());
        SagaStart saga = before.start("trip", "t-1", Trip.of("t-1"));
        SagaWorld.Node node = world.node(seatAndRoom().build());
        Message reply = world.reply(world.take("seat"), ReplyOutcome.DONE, new Booked("1"));
        node.deliver(List.of(reply));

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        assertThat(world.parking(saga.id()).kind()).isEqualTo(Parking.Kind.DEFINITION);
        assertThat(world.parking(saga.id()).reason()).contains("give what was changed another version");
        before.perform(saga.id(), new SagaAct.Release());
        before.wake();
        assertThat(world.sentSteps()).containsExactly("room");
    }

    /** As {@link Trip} was before. */
    public record OldTrip(String id, int price) {}

    @Test
    @Scenario("saga-34")
    void aSagaOfAVersionThatIsGoneIsMigrated() {
        SagaDefinition<OldTrip> old = SagaDefinition.named("trip", OldTrip.class)
                .compensatable("chair", step -> step.command("air", trip -> new Book(trip.id(), "seat"))
                        .compensation(trip -> new Cancel(trip.id(), null)))
                .compensatable("bed", step -> step.command("hotel", trip -> new Book(trip.id(), "room"))
                        .compensation(trip -> new Cancel(trip.id(), null)))
                .build();
        SagaWorld.Node before = world.node(old);
        SagaStart saga = before.start("trip", "t-1", new OldTrip("t-1", 5));
        done(before, "chair");
        Message bed = world.take("bed");
        SagaDefinition<Trip> latest = seatAndRoom()
                .version(2)
                .migratesFrom(
                        1,
                        migrating -> new dev.tally.saga.definition.SagaMigration.Migrated(
                                ((tools.jackson.databind.node.ObjectNode) migrating.data())
                                        .put("seat", "?")
                                        .putNull("room")
                                        .putNull("receipt"),
                                java.util.Map.of("chair", "seat", "bed", "room")))
                .build();
        SagaWorld.Node node = world.node(latest);
        passAndWake(node);
        assertThat(world.saga(saga.id()).definitionVersion()).isEqualTo(2);
        assertThat(world.step(saga.id(), "seat")).isEqualTo(StepState.DONE);
        assertThat(world.step(saga.id(), "room")).isEqualTo(StepState.RETRYING);
        node.answer(bed, ReplyOutcome.DONE, new Booked("x"));
        assertThat(world.strays(saga.id())).as("its step has another name now").hasSize(1);
        passAndWake(node);
        done(node, "room");
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.COMPLETED);
    }

    @Test
    @Scenario("saga-35")
    void dataThatCannotBeReadParksTheSagaAndStaysAsItIs() {
        SagaWorld.Node node = world.node(trip());
        SagaStart saga = node.start("trip", "t-1", Trip.of("t-1"));
        String data = world.saga(saga.id()).data().replace("\"price\":100,", "");
        jdbc().update("UPDATE tally_saga SET data = ?", data);
        done(node, "seat");

        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.PARKED);
        assertThat(world.parking(saga.id()).reason()).contains("price");
        assertThat(world.saga(saga.id()).data()).isEqualTo(data);
    }

    @Test
    @Scenario("saga-46")
    void aNodeThatDoesNotKnowAVersionLeavesItsSagasToOneThatDoes() {
        SagaDefinition<Trip> second = seatAndRoom().version(2).build();
        SagaWorld.Node old = world.node(trip());
        SagaWorld.Node fresh = world.node(trip(), second);
        SagaStart saga = fresh.start("trip", "t-1", Trip.of("t-1"));
        Message reply = world.reply(world.take("seat"), ReplyOutcome.DONE, new Booked("s"));
        assertThat(old.deliver(List.of(reply)).get(0)).isInstanceOf(DeliveryOutcome.Delivered.class);
        old.wake();
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.RUNNING);
        assertThat(world.sent()).isEmpty();
        fresh.wake();
        assertThat(world.sentSteps()).containsExactly("room");
    }

    @Test
    @Scenario("saga-34")
    void startUpIsToldWhatCannotGoOnAndWhereItStands() {
        SagaWorld.Node before = world.node(trip());
        SagaStart saga = before.start("trip", "t-1", Trip.of("t-1"));
        before.start("trip", "t-2", Trip.of("t-2"));
        done(before, "seat");

        assertThat(world.node(trip()).unrunnable()).isEmpty();
        assertThat(world.node(seatAndRoom().build()).unrunnable())
                .singleElement()
                .asString()
                .startsWith(
                        "2 sagas 'trip' of version 1 cannot continue with this build, whose definition of that version")
                .contains("1 at 'room' ACTIVE")
                .contains("1 at 'seat' ACTIVE");
        SagaWorld.Node later = world.node(seatAndRoom().version(2).build());
        assertThat(later.unrunnable()).singleElement().asString().contains("which does not define that version");
        SagaStore.OpenVersion version =
                new SagaStore.OpenVersion("trip", 1, world.saga(saga.id()).fingerprint());
        assertThat(later.operations().parkUnknown("trip", 1, version.fingerprint(), 10))
                .isEqualTo(2);
        assertThat(world.parking(saga.id()).kind()).isEqualTo(Parking.Kind.DEFINITION);
        before.perform(saga.id(), new SagaAct.Release());
        assertThat(world.saga(saga.id()).state()).isEqualTo(SagaState.RUNNING);
    }
}
