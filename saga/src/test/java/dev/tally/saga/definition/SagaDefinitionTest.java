package dev.tally.saga.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.saga.engine.InvalidSagaException;
import dev.tally.saga.engine.SagaDefinitions;
import dev.tally.saga.view.SagaDiagram;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SagaDefinitionTest {

    record Trip(String id) {}

    record OtherTrip(String id, int price) {}

    private static void seat(CompensatableStep<Trip> step) {
        step.command("air", Trip::id).compensation(Trip::id);
    }

    private static void charge(PivotStep<Trip> step) {
        step.command("bank", Trip::id);
    }

    private static void send(RetriableStep<Trip> step) {
        step.local((trip, context) -> trip);
    }

    private static SagaDefinition.Builder<Trip> trip() {
        return SagaDefinition.named("trip", Trip.class);
    }

    @Test
    void aDefinitionThatIsRightHasNoFaults() {
        SagaDefinition<Trip> definition = trip().deadline(Duration.ofHours(1))
                .compensatable(
                        "check", step -> step.local((trip, context) -> trip).nothingToUndo())
                .parallel(both -> both.branch(branch -> branch.compensatable("seat", SagaDefinitionTest::seat))
                        .branch(branch -> branch.compensatable("room", SagaDefinitionTest::seat)))
                .choose("how", way -> way.when(
                                "card", trip -> true, branch -> branch.pivot("card", SagaDefinitionTest::charge))
                        .otherwise("cash", branch -> branch.pivot("cash", SagaDefinitionTest::charge)))
                .retriable("send", SagaDefinitionTest::send)
                .build();

        assertThat(definition.faults()).isEmpty();
        assertThat(definition.step("seat").after()).containsExactly("check");
        assertThat(definition.step("how").after()).containsExactlyInAnyOrder("seat", "room");
        assertThat(definition.step("card").guards()).containsExactly(new Guard("how", "card"));
        assertThat(definition.step("send").after()).containsExactlyInAnyOrder("card", "cash");
        assertThat(SagaDiagram.of(definition)).isEqualTo("""
                flowchart TD
                  s0["check<br/>compensatable: local"]
                  s1["seat<br/>compensatable: command to air<br/>undo: command to air"]
                  s2["room<br/>compensatable: command to air<br/>undo: command to air"]
                  s3{"how"}
                  s4[["card<br/>pivot: command to bank"]]
                  s5[["cash<br/>pivot: command to bank"]]
                  s6["send<br/>retriable: local"]
                  start((start)) --> s0
                  s0 --> s1
                  s0 --> s2
                  s1 --> s3
                  s2 --> s3
                  s3 -->|card| s4
                  s3 -->|cash| s5
                  s4 --> s6
                  s5 --> s6
                """);
    }

    @Test
    void allFaultsAreToldAtOnce() {
        SagaDefinition<Trip> definition = SagaDefinition.named("a trip", Trip.class)
                .version(0)
                .deadline(Duration.ZERO)
                .migratesFrom(3, saga -> saga)
                .pivot("charge", SagaDefinitionTest::charge)
                .compensatable("seat", SagaDefinitionTest::seat)
                .compensatable("seat", step -> step.timeout(Duration.ZERO).command("air", Trip::id))
                .compensatable(
                        "two", step -> step.local((trip, context) -> trip).command("air", Trip::id))
                .pivot("again", SagaDefinitionTest::charge)
                .compensatable("empty", step -> step.nothingToUndo())
                .compensatable("merge", step -> step.local((trip, context) -> trip)
                        .onDone(Trip.class, (trip, other) -> trip)
                        .nothingToUndo())
                .build();

        assertThat(definition.faults())
                .contains(
                        "its version is 0, below 1",
                        "its deadline is PT0S, not positive",
                        "step 'seat': its name is that of another step",
                        "step 'seat': its time-out is PT0S, not positive",
                        "step 'seat': it is compensatable, and nothing says how; give it a compensation, or say"
                                + " nothingToUndo()",
                        "step 'two': it does two things, local and command to air; make two steps of it",
                        "step 'again': it is a pivot, and so is 'charge'; there is one point of no return",
                        "step 'empty': it does nothing; give it a command, local work, a signal to wait for, or a saga",
                        "step 'merge': it has no answer that onDone could take: it is local",
                        "it migrates from version 3, which is not before 0")
                .anyMatch(fault -> fault.startsWith("its name, 'a trip', is not"))
                .anyMatch(fault -> fault.startsWith("step 'seat': it is compensatable, and comes after the pivot"));
        assertThatThrownBy(() -> new SagaDefinitions(List.of(definition)))
                .isInstanceOf(InvalidSagaException.class)
                .hasMessageContaining("faults in the definitions of sagas")
                .hasMessageContaining("saga a trip v0: its version is 0");
    }

    @Test
    void whatMayStillHaveToBeUndoneIsNotLeftBeside() {
        SagaDefinition<Trip> definition = trip().parallel(
                        both -> both.branch(branch -> branch.compensatable("seat", SagaDefinitionTest::seat))
                                .branch(branch -> branch.pivot("charge", SagaDefinitionTest::charge)))
                .build();

        assertThat(definition.faults())
                .containsExactly(
                        "step 'charge': it is pivot, and does not wait for the compensatable step 'seat', which may"
                                + " still have to be undone");
    }

    @Test
    void stepsThatWaitForOneAnotherOrForNobodyAreFaults() {
        assertThat(trip().compensatable(
                                "a",
                                step -> step.after("b").local((trip, c) -> trip).nothingToUndo())
                        .compensatable(
                                "b",
                                step -> step.after("a").local((trip, c) -> trip).nothingToUndo())
                        .build()
                        .faults())
                .containsExactly(
                        "step 'a': it waits for itself, by way of [b]", "step 'b': it waits for itself, by way of [a]");
        assertThat(trip().compensatable(
                                "a",
                                step -> step.after("z").local((trip, c) -> trip).nothingToUndo())
                        .build()
                        .faults())
                .containsExactly("step 'a': it comes after 'z', which is no step");
        assertThat(trip().build().faults()).containsExactly("it has no steps");
    }

    @Test
    void definitionsOfAnApplicationAreCheckedTogether() {
        SagaDefinition<Trip> definition = trip().compensatable("stay", step -> step.saga("stay", Trip::id, trip -> trip)
                        .nothingToUndo())
                .build();
        assertThatThrownBy(() -> new SagaDefinitions(List.of(definition)))
                .hasMessageContaining("it runs saga 'stay', which is not defined here");
        SagaDefinition<Trip> stay = SagaDefinition.named("stay", Trip.class)
                .retriable("send", SagaDefinitionTest::send)
                .build();
        assertThatThrownBy(() -> new SagaDefinitions(List.of(stay, stay)))
                .hasMessageContaining("there are two definitions of this version");
        assertThat(new SagaDefinitions(List.of(stay, definition)).names()).containsExactlyInAnyOrder("stay", "trip");
    }

    @Test
    @Scenario("saga-45")
    void aDeadlineBeyondWhatParticipantsRememberIsRefused() {
        SagaDefinitions definitions = new SagaDefinitions(List.of(trip().deadline(Duration.ofDays(91))
                .retriable("send", SagaDefinitionTest::send)
                .build()));
        definitions.requireRemembered(Duration.ofDays(91));
        assertThatThrownBy(() -> definitions.requireRemembered(Duration.ofDays(90)))
                .isInstanceOf(InvalidSagaException.class)
                .hasMessageContaining(
                        "its deadline is PT2184H, and participants remember their steps for PT2160H only");
    }

    @Test
    @Scenario("saga-34")
    void theFingerprintTellsWhatRunningSagasWouldNotice() {
        String one =
                trip().compensatable("seat", SagaDefinitionTest::seat).build().fingerprint();
        assertThat(trip().compensatable("seat", SagaDefinitionTest::seat)
                        .build()
                        .fingerprint())
                .isEqualTo(one);
        assertThat(trip().compensatable("chair", SagaDefinitionTest::seat)
                        .build()
                        .fingerprint())
                .isNotEqualTo(one);
        assertThat(trip().compensatable("seat", SagaDefinitionTest::seat)
                        .compensatable("room", SagaDefinitionTest::seat)
                        .build()
                        .fingerprint())
                .isNotEqualTo(one);
        assertThat(SagaDefinition.named("trip", OtherTrip.class)
                        .compensatable("seat", step -> step.command("air", OtherTrip::id)
                                .compensation(OtherTrip::id))
                        .build()
                        .fingerprint())
                .isNotEqualTo(one);
    }
}
