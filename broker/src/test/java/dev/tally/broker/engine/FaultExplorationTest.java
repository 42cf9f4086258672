package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.engine.CrashExplorationTest.Crashed;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.log.FormatTooNewException;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Random workloads on a disk that fails, fills up or forgets; each run is repeatable by its seed. */
class FaultExplorationTest {

    private static final int RUNS = Math.max(1, Integer.getInteger("tally.simulation.runs", 10_000) / 10);
    private static final long SEED = Long.getLong("tally.simulation.seed", 1L);

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker.log");

    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    private static void explore(Run run) {
        for (int i = 0; i < RUNS; i++) {
            long seed = SEED + i;
            try {
                run.with(seed, new Random(seed));
            } catch (AssertionError | RuntimeException | IOException e) {
                throw new AssertionError(CrashExplorationTest.replay(seed), e);
            }
        }
    }

    /** A write that fails leaves any part of its bytes: a short write. */
    @Scenario("broker-7")
    @Scenario("broker-8")
    @Test
    void losesNothingAcknowledgedWhenAnOperationOfTheDiskFails() {
        explore((seed, random) -> {
            SimulatedDisk disk = new SimulatedDisk(seed).blockBytes(random.nextBoolean() ? 512 : 4096);
            disk.failOnce(Operation.values()[random.nextInt(3)], random.nextInt(60));
            if (random.nextInt(3) == 0) {
                disk.crashAtStep(1 + random.nextInt(200));
            }
            runAndRecover(disk, seed, random);
        });
    }

    @Scenario("broker-10")
    @Test
    void losesNothingAcknowledgedWhenTheDiskIsFull() {
        explore((seed, random) -> {
            SimulatedDisk disk = new SimulatedDisk(seed);
            disk.usableSpace(random.nextInt(16 * 1024));
            if (random.nextBoolean()) {
                disk.crashAtStep(1 + random.nextInt(200));
            }
            runAndRecover(disk, seed, random);
        });
    }

    private static void runAndRecover(SimulatedDisk disk, long seed, Random random) {
        StoreFixture fixture = CrashExplorationTest.small(disk, new ManualClock());
        Workload workload = new Workload(fixture, seed);
        try {
            fixture.open();
            workload.run(5 + random.nextInt(30));
        } catch (UncheckedIOException e) {
            // Opening is what failed.
            assertThat(e.getCause()).hasMessageMatching(".*(crash|Injected|usable bytes).*");
        }
        Loss loss = Loss.values()[random.nextInt(3)];
        new Crashed(fixture, workload).recoverAndCheck(loss, seed, random);
    }

    @Scenario("broker-4")
    @Test
    void flippedBitsAreRefusedOrHarmlessAndNeverHandedOut() {
        explore((seed, random) -> {
            StoreFixture fixture = CrashExplorationTest.small(new SimulatedDisk(seed), new ManualClock());
            Workload workload = new Workload(fixture, seed);
            fixture.open();
            workload.run(5 + random.nextInt(30));
            fixture.crash(Loss.values()[random.nextInt(3)]);
            List<String> files = fixture.disk.list(StoreFixture.DIRECTORY.resolve("log"));
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                Path file = StoreFixture.DIRECTORY.resolve("log/" + files.get(random.nextInt(files.size())));
                int length = fixture.disk.bytes(file).length;
                fixture.disk.damage(file, random.nextInt(length), 1 << random.nextInt(8));
            }
            SimulatedDisk damaged = fixture.disk;
            for (boolean quarantine : new boolean[] {false, true}) {
                fixture.disk = damaged.afterCrash(Loss.NOTHING, seed);
                fixture.config = fixture.config.withQuarantine(quarantine);
                openAndCompare(fixture, workload);
            }
        });
    }

    private static void openAndCompare(StoreFixture fixture, Workload workload) {
        try {
            fixture.open();
        } catch (LogCorruptedException | FormatTooNewException e) {
            assertThat(e).hasMessageContaining("/data/log");
            return;
        }
        String digest;
        try {
            assertThat(workload.attempted()).containsAll(Workload.visible(fixture));
            digest = Workload.digest(fixture);
        } catch (LogCorruptedException e) {
            // A start from a snapshot does not read what stands before it; whoever reads it is told.
            assertThat(fixture.config.quarantine()).isFalse();
            return;
        }
        fixture.config = fixture.config.withQuarantine(false);
        fixture.crashAndReopen();
        assertThat(Workload.digest(fixture)).isEqualTo(digest);
    }

    private interface Run {
        void with(long seed, Random random) throws IOException;
    }
}
