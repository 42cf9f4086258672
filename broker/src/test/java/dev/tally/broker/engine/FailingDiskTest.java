package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.store.Appended;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.DecisionOutcome.Decided;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreRejectedException.Reason;
import dev.tally.broker.store.StoreUnavailableException;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailingDiskTest {

    private final StoreFixture fixture = StoreFixture.opened();

    @Scenario("broker-7")
    @Scenario("broker-8")
    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"WRITE", "FORCE"})
    void fencesTheLogAfterOneFailureAndAcknowledgesNothingMore(Operation operation) {
        fixture.append("acked");
        fixture.workers.hold();
        List<CompletableFuture<List<Appended>>> batch = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            batch.add(fixture.store.append(List.of(message("unknown" + i))));
        }
        fixture.disk.failOnce(operation, 0);
        fixture.workers.release();

        assertThat(batch).allSatisfy(answer -> assertThatThrownBy(answer::join)
                .cause()
                .isInstanceOf(StoreUnavailableException.class)
                .hasMessageContaining("unknown")
                .hasMessageContaining(StoreFixture.SEGMENT_0.toString()));
        int forces = fixture.disk.forces;
        assertThatThrownBy(() -> fixture.append("later")).cause().isInstanceOf(StoreUnavailableException.class);
        assertThatThrownBy(() -> fixture.prepare("later")).cause().isInstanceOf(StoreUnavailableException.class);
        assertThat(fixture.visible()).containsExactly("acked");
        assertThat(fixture.disk.forces).as("never forced again").isEqualTo(forces);
        fixture.store.close();

        fixture.crashAndReopen();
        assertThat(fixture.visible()).containsExactly("acked");
        assertThat(fixture.append("again").queueOffset()).isEqualTo(1);
    }

    @Scenario("broker-7")
    @Test
    void whatWasUnknownIsTheSameAfterEveryRestart() {
        fixture.disk.failOnce(Operation.FORCE, 0);
        assertThatThrownBy(() -> fixture.append("unknown")).cause().isInstanceOf(StoreUnavailableException.class);

        fixture.crash(Loss.NOTHING);
        fixture.open();
        assertThat(fixture.visible()).containsExactly("unknown");
        fixture.crashAndReopen();

        assertThat(fixture.visible()).containsExactly("unknown");
    }

    @Scenario("broker-10")
    @Test
    void refusesMessagesOnAFullDiskWhileDecisionsGoOnAndResumesByItself() {
        long committed = fixture.prepare("h");
        long rolledBack = fixture.prepare("r");
        fixture.disk.usableSpace(0);
        List<String> acked = new ArrayList<>();
        StoreRejectedException refusal = null;
        for (int i = 0; refusal == null; i++) {
            assertThat(i).isLessThan(1000);
            CompletableFuture<List<Appended>> answer = fixture.store.append(List.of(message("m" + i)));
            if (answer.isCompletedExceptionally()) {
                refusal = (StoreRejectedException) answer.handle((a, e) -> e).join();
            } else {
                acked.add("m" + i);
            }
        }
        assertThat(refusal.reason()).isEqualTo(Reason.DISK_FULL);

        assertThat(fixture.commit(committed)).isEqualTo(new Decided(Decision.COMMIT, acked.size(), true));
        assertThat(fixture.rollback(rolledBack)).isEqualTo(new Decided(Decision.ROLLBACK, -1, true));
        fixture.store.commitOffset("readers", StoreFixture.TOPIC, 0, 1).join();
        acked.add("h");
        assertThat(fixture.visible()).isEqualTo(acked);

        fixture.disk.usableSpace(Long.MAX_VALUE);
        fixture.clock.advance(Duration.ofSeconds(1));
        fixture.append("resumed");
        acked.add("resumed");
        assertThat(fixture.visible()).isEqualTo(acked);
        fixture.crashAndReopen();
        assertThat(fixture.visible()).isEqualTo(acked);
    }

    @Scenario("broker-10")
    @Test
    void startsOnAFullDisk() {
        for (int i = 0; i < 30; i++) {
            fixture.append(i + "x".repeat(1000));
        }
        fixture.crash(Loss.EVERYTHING);
        fixture.disk.usableSpace(0);

        fixture.open();

        assertThat(fixture.visible()).hasSize(30);
    }

    @Scenario("broker-10")
    @Scenario("broker-13")
    @Test
    void aFailedPreparationLeavesNoFileAndIsTriedAgain() {
        fixture.disk.failWhenCreated(StoreFixture.DIRECTORY.resolve("log/00000000000000032768.log.preparing"));
        for (int i = 0; i < 16; i++) {
            fixture.append(i + "x".repeat(1000));
        }
        assertThat(fixture.disk.list(StoreFixture.DIRECTORY.resolve("log"))).hasSize(2);

        for (int i = 0; i < 30; i++) {
            fixture.clock.advance(Duration.ofSeconds(1));
            fixture.store.append(List.of(message(i + "y".repeat(1000))));
        }

        assertThat(fixture.visible()).hasSizeGreaterThan(40);
        assertThat(fixture.disk.list(StoreFixture.DIRECTORY.resolve("log")))
                .hasSizeGreaterThan(3)
                .allMatch(name -> name.endsWith(".log"));
    }
}
