package dev.tally.broker.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.testkit.scenario.Scenario;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class RemovalTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker.log");
    private static final int SEGMENT = 4096;

    private final LogFixture fixture = LogFixture.opened();
    private final List<String> texts = new ArrayList<>();
    private final List<Long> positions = new ArrayList<>();

    @BeforeEach
    void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void speakAgain() {
        LOG.setLevel(null);
    }

    private void fill(int records) {
        for (int i = 0; i < records; i++) {
            String text = texts.size() + "x".repeat(700);
            positions.add(fixture.append(text));
            texts.add(text);
        }
    }

    private List<String> textsFrom(long position) {
        List<String> from = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            if (positions.get(i) >= position) {
                from.add(texts.get(i));
            }
        }
        return from;
    }

    @Test
    void removesWholeSegmentsAndBeginsLaterFromThenOn() {
        fill(25);
        assertThat(fixture.log.start()).isZero();
        long point = positions.get(12);

        long start = fixture.log.removeBefore(point).join();

        assertThat(start).isEqualTo(point / SEGMENT * SEGMENT).isPositive();
        assertThat(fixture.log.start()).isEqualTo(start);
        assertThat(fixture.disk.exists(LogFixture.segment(0))).isFalse();
        assertThat(fixture.disk.exists(LogFixture.segment(start - SEGMENT))).isFalse();
        assertThat(fixture.disk.exists(LogFixture.segment(start))).isTrue();
        assertThat(fixture.log.find(positions.get(0))).isNull();
        assertThat(fixture.log.read(point).position()).isEqualTo(point);
        assertThat(fixture.point().start()).isEqualTo(start);

        fill(5);
        for (int restart = 0; restart < 3; restart++) {
            fixture.crashAndReopen(null);
            assertThat(fixture.recovered).isEqualTo(textsFrom(start));
            assertThat(fixture.starts).containsOnly(start);
            assertThat(fixture.log.start()).isEqualTo(start);
        }
        fixture.crashAndReopen(fixture.point());
        assertThat(fixture.log.start()).isEqualTo(start);
        assertThat(fixture.recovered).isEmpty();
    }

    @Test
    void neverRemovesTheSegmentThatIsWrittenNorGoesBack() {
        fill(25);
        long last = fixture.log.removeBefore(Long.MAX_VALUE).join();
        assertThat(last).isEqualTo(fixture.point().position() / SEGMENT * SEGMENT);
        assertThat(fixture.log.removeBefore(0).join()).isEqualTo(last);
        assertThat(fixture.log.removeBefore(last - 1).join()).isEqualTo(last);
        fill(3);
        fixture.crashAndReopen(null);
        assertThat(fixture.recovered).isEqualTo(textsFrom(last));
    }

    @Test
    void removesAgainAndAgain() {
        for (int round = 0; round < 20; round++) {
            fill(8);
            long start = fixture.log
                    .removeBefore(positions.get(positions.size() - 5))
                    .join();
            fixture.crashAndReopen(round % 3 == 0 ? fixture.point() : null);
            assertThat(fixture.log.start()).isEqualTo(start);
            if (round % 3 != 0) {
                assertThat(fixture.recovered).isEqualTo(textsFrom(start));
            }
        }
        assertThat(fixture.disk.list(LogFixture.DIRECTORY)).hasSizeLessThan(6);
    }

    @Scenario("broker-6")
    @Test
    void refusesAMissingSegmentBehindTheStartByName() {
        fill(25);
        long start = fixture.log.removeBefore(positions.get(12)).join();
        LogPoint point = fixture.point();
        SimulatedDisk good = fixture.disk.afterCrash(Loss.EVERYTHING, 1);
        for (LogPoint from : new LogPoint[] {null, point}) {
            for (long lost : new long[] {start, start + SEGMENT}) {
                fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
                fixture.disk.lose(LogFixture.segment(lost));
                assertThatThrownBy(() -> fixture.open(from))
                        .isInstanceOf(LogCorruptedException.class)
                        .hasMessageContaining(LogFixture.segment(lost).toString())
                        .hasMessageContaining("missing");
            }
        }
    }

    @Scenario("broker-6")
    @Test
    void refusesAMissingFirstSegmentThatNobodyRemoved() {
        fill(25);
        LogPoint point = fixture.point();
        SimulatedDisk good = fixture.disk.afterCrash(Loss.EVERYTHING, 1);
        for (LogPoint from : new LogPoint[] {null, point}) {
            fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
            fixture.disk.lose(LogFixture.segment(0));
            fixture.disk.lose(LogFixture.segment(SEGMENT));
            assertThatThrownBy(() -> fixture.open(from))
                    .isInstanceOf(LogCorruptedException.class)
                    .hasMessageContaining(LogFixture.segment(0).toString())
                    .hasMessageContaining("missing");
        }
    }

    @Scenario("broker-13")
    @Test
    void aCrashAtAnyStepOfARemovalLeavesTheLogFromSomeSegmentOn() {
        for (Loss loss : Loss.values()) {
            for (int step = 0; step < 16; step++) {
                LogFixture crashing = LogFixture.opened();
                List<String> all = new ArrayList<>();
                List<Long> at = new ArrayList<>();
                for (int i = 0; i < 25; i++) {
                    all.add(i + "x".repeat(700));
                    at.add(crashing.append(all.get(i)));
                }
                crashing.disk.crashAtStep(crashing.disk.steps() + 1 + step);
                boolean removed = !crashing.log.removeBefore(at.get(20)).isCompletedExceptionally();
                SimulatedDisk disk = crashing.disk.afterCrash(loss, step);
                for (int again = 0; again < 2; again++) {
                    crashing.disk = disk.crashAtStep(1 + step % 7);
                    try {
                        crashing.open(null);
                    } catch (UncheckedIOException e) {
                        assertThat(disk.crashed()).isTrue();
                    }
                    disk = disk.afterCrash(loss, step + again);
                }
                crashing.disk = disk;
                crashing.open(null);
                long start = crashing.log.start();
                assertThat(start).isIn(0L, at.get(20) / SEGMENT * SEGMENT);
                assertThat(removed && start == 0).as("removal was answered").isFalse();
                assertThat(all).as("step %s loss %s", step, loss).endsWith(crashing.recovered.toArray(new String[0]));
                assertThat(crashing.recovered).contains(all.get(20));
                assertThat(crashing.disk.exists(LogFixture.segment(0))).isEqualTo(start == 0);
                crashing.append("goes on");
                crashing.crashAndReopen(null);
                assertThat(crashing.log.start()).isEqualTo(start);
                assertThat(crashing.recovered).endsWith("goes on");
            }
        }
    }

    @Test
    void aFileThatCannotBeDeletedIsDeletedAfterTheNextStart() {
        fill(25);
        int before = fixture.disk.list(LogFixture.DIRECTORY).size();
        // The write and the force of the START record, then the first deletion.
        fixture.disk.failOnce(SimulatedDisk.Operation.OTHER, 0);
        long start = fixture.log.removeBefore(positions.get(20)).join();
        assertThat(fixture.disk.list(LogFixture.DIRECTORY)).hasSize(before);
        fill(1);

        fixture.crashAndReopen(null);

        assertThat(fixture.log.start()).isEqualTo(start);
        assertThat(fixture.disk.exists(LogFixture.segment(0))).isFalse();
        assertThat(fixture.recovered).endsWith(texts.get(25));
    }

    @Scenario("broker-50")
    @Test
    void aRemovalDuringABackupLeavesTheFilesThatAreBeingCopied() throws Exception {
        fill(25);
        List<String> before = fixture.disk.list(LogFixture.DIRECTORY);
        List<List<String>> meanwhile = new ArrayList<>();
        fixture.disk.whileForcing(() -> {
            fixture.disk.whileForcing(() -> {});
            fixture.log.removeBefore(positions.get(12)).join();
            meanwhile.add(fixture.disk.list(LogFixture.DIRECTORY));
        });
        Path copy = Path.of("/copy");

        fixture.log.backup(copy);

        assertThat(fixture.log.start()).isPositive();
        assertThat(meanwhile).containsExactly(before);
        assertThat(fixture.disk.list(LogFixture.DIRECTORY)).hasSizeLessThan(before.size());
        assertThat(fixture.disk.list(copy)).isNotEmpty().isSubsetOf(before);
    }
}
