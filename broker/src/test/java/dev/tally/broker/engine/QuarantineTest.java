package dev.tally.broker.engine;

import static dev.tally.broker.engine.StoreFixture.DIRECTORY;
import static dev.tally.broker.engine.StoreFixture.SEGMENT_0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.broker.log.LostRegion;
import dev.tally.broker.store.DecisionOutcome;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class QuarantineTest {

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker.log");
    private static final Path QUARANTINE = DIRECTORY.resolve("quarantine");
    private static final int SEGMENT = 16 * 1024;

    private final StoreFixture fixture = StoreFixture.opened();
    private final List<Long> positions = new ArrayList<>();

    @BeforeEach
    void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterEach
    void speakAgain() {
        LOG.setLevel(null);
    }

    private static Path segment(int number) {
        return DIRECTORY.resolve(String.format("log/%020d.log", (long) number * SEGMENT));
    }

    private void openInQuarantine() {
        fixture.config = fixture.config.withQuarantine(true);
        fixture.open();
        fixture.config = fixture.config.withQuarantine(false);
    }

    private String report() throws IOException {
        return new String(fixture.disk.bytes(QUARANTINE.resolve("report.txt")), StandardCharsets.UTF_8);
    }

    /** What stands after the quarantine stands after every normal start, and the store goes on. */
    private void assertStable() {
        String digest = Workload.digest(fixture);
        for (Loss loss : Loss.values()) {
            fixture.crash(loss);
            fixture.open();
            assertThat(Workload.digest(fixture)).isEqualTo(digest);
            assertThat(fixture.store.recovery().lost()).isEmpty();
        }
        fixture.append("goes on");
        fixture.crashAndReopen();
        assertThat(fixture.visible()).endsWith("goes on");
    }

    @Scenario("broker-4")
    @Test
    void givesUpADamagedRecordAndNothingElse() throws IOException {
        fixture.append("first");
        long lost = fixture.append("second").position();
        long next = fixture.append("third").position();
        fixture.store.close();
        fixture.crash(Loss.EVERYTHING);
        fixture.disk.damage(SEGMENT_0, lost + 60, 4);
        byte[] damaged = Arrays.copyOfRange(fixture.disk.bytes(SEGMENT_0), (int) lost, (int) next);
        fixture.loseDerived();
        assertThatThrownBy(fixture::open)
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining("--quarantine");

        openInQuarantine();

        assertThat(fixture.visible()).containsExactly("first", "third");
        LostRegion region = fixture.store.recovery().lost().get(0);
        assertThat(fixture.store.recovery().lost()).hasSize(1);
        assertThat(region.file()).isEqualTo(SEGMENT_0.toString());
        assertThat(region.offset()).isEqualTo(lost);
        assertThat(region.bytes()).isEqualTo(next - lost);
        assertThat(region.records()).isEqualTo(1);
        Path copy = QUARANTINE.resolve(lost + "-" + (next - lost) + ".bytes");
        assertThat(region.copy()).isEqualTo(copy.toString());
        assertThat(fixture.disk.bytes(copy)).isEqualTo(damaged);
        assertThat(report())
                .contains(SEGMENT_0.toString())
                .contains("offset: " + lost)
                .contains("records missing: 1")
                .contains(copy.toString());
        assertThat(fixture.store.messageAt(lost)).isNull();
        assertStable();
    }

    @Test
    void toleratesAndCountsWhatRefersToALostRecord() {
        long lost = fixture.prepare("lost half");
        long kept = fixture.prepare("kept half");
        fixture.commit(lost);
        fixture.commit(kept);
        fixture.store.close();
        fixture.crash(Loss.EVERYTHING);
        flip(SEGMENT_0, lost + 60);

        openInQuarantine();

        assertThat(fixture.store.recovery().skipped()).isEqualTo(1);
        assertThat(fixture.visible()).containsExactly("kept half");
        assertThat(fixture.commit(lost)).isInstanceOf(DecisionOutcome.UnknownHalf.class);
        fixture.crashAndReopen();
        assertThat(fixture.store.recovery().skipped()).isEqualTo(1);
        assertStable();
    }

    private void flip(Path file, long offset) {
        try {
            fixture.disk.damage(file, offset, 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> fillFiveSegments() {
        List<String> bodies = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            bodies.add(i + "x".repeat(1000));
            positions.add(fixture.append(bodies.get(i)).position());
        }
        fixture.store.close();
        fixture.crash(Loss.EVERYTHING);
        return bodies;
    }

    private List<String> withoutThoseIn(List<String> bodies, long from, long to) {
        return IntStream.range(0, bodies.size())
                .filter(i -> positions.get(i) < from || positions.get(i) >= to)
                .mapToObj(bodies::get)
                .toList();
    }

    @Scenario("broker-6")
    @Test
    void readsOnBehindMissingTruncatedForeignAndHeadlessSegments() throws IOException {
        List<String> bodies = fillFiveSegments();
        SimulatedDisk good = fixture.disk;
        byte[] second = good.bytes(segment(1));
        byte[] headless = second.clone();
        Arrays.fill(headless, 0, 30, (byte) 9);
        for (int damage = 0; damage < 7; damage++) {
            fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
            switch (damage) {
                case 0 -> fixture.disk.lose(segment(1));
                case 1 -> fixture.disk.replace(segment(1), Arrays.copyOf(second, 9000));
                case 2 -> fixture.disk.replace(segment(1), new byte[0]);
                case 3 -> fixture.disk.replace(segment(1), good.bytes(segment(2)));
                case 4 -> fixture.disk.replace(segment(1), headless);
                case 5 -> fixture.disk.replace(segment(1), Arrays.copyOf(second, second.length + 800));
                default -> {
                    fixture.disk.lose(segment(1));
                    fixture.disk.lose(segment(2));
                }
            }
            assertThatThrownBy(fixture::open).as("damage %s", damage).isInstanceOf(LogCorruptedException.class);
            openInQuarantine();
            long lostFrom = damage == 4 || damage == 5 ? 0 : damage == 1 ? SEGMENT + 9000 - 1100 : SEGMENT;
            long lostTo = damage == 4 || damage == 5 ? 0 : (damage == 6 ? 3 : 2) * SEGMENT;
            assertThat(fixture.visible()).as("damage %s", damage).isEqualTo(withoutThoseIn(bodies, lostFrom, lostTo));
            assertThat(fixture.store.recovery().lost()).isNotEmpty();
            assertThat(report()).contains(segment(1).toString());
            assertStable();
        }
    }

    @Scenario("broker-6")
    @Test
    void goesOnWithoutTheFirstOrTheLastSegments() throws IOException {
        List<String> bodies = fillFiveSegments();
        SimulatedDisk good = fixture.disk.afterCrash(Loss.EVERYTHING, 1);
        fixture.disk.lose(segment(0));
        fixture.disk.lose(segment(1));
        assertThatThrownBy(fixture::open)
                .isInstanceOf(LogCorruptedException.class)
                .hasMessageContaining(segment(0).toString());
        openInQuarantine();
        assertThat(fixture.visible()).isEqualTo(withoutThoseIn(bodies, 0, 2 * SEGMENT));
        assertThat(report()).contains(segment(0).toString());
        assertStable();

        fixture.disk = good.afterCrash(Loss.EVERYTHING, 1);
        for (int lost = 2; lost < 8; lost++) {
            fixture.disk.lose(segment(lost));
        }
        assertThatThrownBy(fixture::open).isInstanceOf(LogCorruptedException.class);
        openInQuarantine();
        assertStable();
    }

    @Test
    void aCrashInTheMiddleLeavesARefusalAndEveryCopy() throws IOException {
        fixture.append("first");
        long lost = fixture.append("second").position();
        fixture.append("third");
        fixture.store.close();
        fixture.crash(Loss.EVERYTHING);
        flip(SEGMENT_0, lost + 60);
        SimulatedDisk damaged = fixture.disk;
        for (Loss loss : Loss.values()) {
            boolean crashed = true;
            for (int step = 1; crashed; step++) {
                fixture.disk = damaged.afterCrash(Loss.EVERYTHING, step).crashAtStep(step);
                SimulatedDisk interrupted = fixture.disk;
                try {
                    openInQuarantine();
                } catch (UncheckedIOException e) {
                    fixture.config = fixture.config.withQuarantine(false);
                }
                crashed = interrupted.crashed();
                fixture.disk = interrupted.afterCrash(loss, step);
                openInQuarantine();
                assertThat(fixture.visible()).containsExactly("first", "third");
                assertStable();
            }
        }
    }

    @Test
    void anUndamagedLogIsLeftAsItIs() {
        fillFiveSegments();
        openInQuarantine();
        assertThat(fixture.visible()).hasSize(60);
        assertThat(fixture.disk.list(QUARANTINE)).isEmpty();
        assertStable();
    }

    @Test
    void survivesAnyDamageAndComesToTheSameStateEveryTime() {
        for (int run = 0; run < 200; run++) {
            StoreFixture damaged = new StoreFixture(new SimulatedDisk(run), fixture.clock);
            damaged.config = damaged.config.withSegmentBytes(2048, 4096);
            damaged.open();
            new Workload(damaged, run).run(60);
            damaged.store.close();
            damaged.crash(Loss.EVERYTHING);
            Random random = new Random(run);
            List<String> files = damaged.disk.list(DIRECTORY.resolve("log"));
            for (int i = 0; i <= random.nextInt(6); i++) {
                Path file = DIRECTORY.resolve("log/" + files.get(random.nextInt(files.size())));
                if (damaged.disk.exists(file)) {
                    harm(damaged.disk, file, random);
                }
            }
            damaged.config = damaged.config.withQuarantine(true);
            try {
                damaged.open();
            } catch (LogCorruptedException e) {
                assertThat(e)
                        .as("run %s", run)
                        .hasMessageMatching(
                                ".*(no segment of the log has a header|no segment of the log can be used|all segments are missing).*");
                continue;
            }
            damaged.config = damaged.config.withQuarantine(false);
            String digest = Workload.digest(damaged);
            damaged.crash(Loss.EVERYTHING);
            damaged.open();
            assertThat(Workload.digest(damaged)).as("run %s", run).isEqualTo(digest);
            damaged.append("goes on");
        }
    }

    private static void harm(SimulatedDisk disk, Path file, Random random) {
        try {
            byte[] bytes = disk.bytes(file);
            switch (random.nextInt(5)) {
                case 0 -> disk.lose(file);
                case 1 -> disk.replace(file, Arrays.copyOf(bytes, random.nextInt(bytes.length)));
                case 2 -> {
                    int from = random.nextInt(bytes.length);
                    Arrays.fill(bytes, from, Math.min(bytes.length, from + random.nextInt(700)), (byte) 0);
                    disk.replace(file, bytes);
                }
                default -> disk.damage(file, random.nextInt(bytes.length), 1 + random.nextInt(255));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
