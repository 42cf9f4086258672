package dev.tally.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import dev.tally.testkit.scenario.Scenario;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LogPointTest {

    private final LogFixture fixture = LogFixture.opened();

    @Test
    void aPointHasEverythingBeforeItAndNothingBehindIt() {
        fixture.workers.hold();
        CompletableFuture<Long> before = fixture.submit("before");
        List<LogPoint> points = new ArrayList<>();
        List<Boolean> applied = new ArrayList<>();
        CompletableFuture<Void> ran = fixture.log.atPoint(point -> {
            points.add(point);
            applied.add(before.isDone());
        });
        CompletableFuture<Long> behind = fixture.submit("behind");
        List<Boolean> behindApplied = new ArrayList<>();
        fixture.log.atPoint(point -> behindApplied.add(behind.isDone()));
        fixture.workers.release();

        assertThat(ran).isCompleted();
        assertThat(applied).containsExactly(true);
        assertThat(behindApplied).containsExactly(true);
        LogPoint point = points.get(0);
        assertThat(point.lastPosition()).isEqualTo(before.join());
        assertThat(point.position()).isEqualTo(behind.join());
        fixture.crashAndReopen(point);
        assertThat(fixture.recovered).containsExactly("behind");
    }

    @Test
    void opensFromAnyPointAndTellsWhatFollows() {
        List<LogPoint> points = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            points.add(fixture.point());
            String text = i + "x".repeat(400);
            texts.add(text);
            fixture.append(text);
        }
        fixture.disk = fixture.disk.afterCrash(Loss.EVERYTHING, 3);
        assertThat(fixture.disk.list(LogFixture.DIRECTORY)).hasSizeGreaterThan(3);
        for (int i = 0; i < points.size(); i++) {
            fixture.crashAndReopen(points.get(i));
            assertThat(fixture.recovered).isEqualTo(texts.subList(i, texts.size()));
        }
        fixture.append("goes on");
        fixture.crashAndReopen(null);
        assertThat(fixture.recovered).hasSize(31).endsWith("goes on");
    }

    @Test
    void opensFromAPointRightBehindASealedSegment() {
        long segment = 0;
        while (segment == 0) {
            fixture.append("x".repeat(900));
            segment = fixture.point().position() / 4096 * 4096;
        }
        fixture.log.close();
        fixture.open(null);
        LogPoint point = fixture.point();
        fixture.append("tail");
        fixture.crashAndReopen(point);
        assertThat(fixture.recovered).containsExactly("tail");
    }

    @Scenario("broker-6")
    @Test
    void refusesToOpenAnOlderCopyFromAPointThatItDoesNotHave() {
        fixture.append("kept");
        SimulatedDisk copy = fixture.disk.afterCrash(Loss.EVERYTHING, 1);
        fixture.append("later");
        LogPoint point = fixture.point();

        fixture.disk = copy;
        assertThatThrownBy(() -> fixture.open(point))
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining("older than the snapshot")
                .hasMessageContaining(LogFixture.segment(0).toString());

        fixture.disk = copy.afterCrash(Loss.EVERYTHING, 1);
        fixture.open(null);
        fixture.append("other");
        fixture.append("other still");
        assertThatThrownBy(() -> fixture.crashAndReopen(point))
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining("older than the snapshot");
    }

    @Scenario("broker-6")
    @Test
    void refusesAMissingSegmentThatThePointNeeds() {
        for (int i = 0; i < 10; i++) {
            fixture.append("x".repeat(900));
        }
        LogPoint point = fixture.point();
        fixture.disk = fixture.disk.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.lose(LogFixture.segment(8192));
        fixture.disk.lose(LogFixture.segment(12288));
        assertThatThrownBy(() -> fixture.open(point))
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining(LogFixture.segment(8192).toString())
                .hasMessageContaining("missing");
    }

    @Test
    void aTaskThatFailsDoesNotStopTheLog() {
        CompletableFuture<Void> failed = fixture.log.atPoint(point -> {
            throw new IllegalStateException("boom");
        });
        assertThatThrownBy(failed::join).hasRootCauseMessage("boom");
        fixture.append("goes on");
    }

    @Test
    void aPointIsRefusedWhenTheLogIsFencedOrClosed() {
        fixture.disk.failOnce(Operation.FORCE, 0);
        assertThat(fixture.submit("unknown")).isCompletedExceptionally();
        assertThatThrownBy(() -> fixture.log.atPoint(point -> {}).join())
                .hasCauseInstanceOf(StoreUnavailableException.class);
        fixture.crashAndReopen(null);
        fixture.log.close();
        assertThatThrownBy(() -> fixture.log.atPoint(point -> {}).join())
                .hasCauseInstanceOf(StoreRejectedException.class);
    }
}
