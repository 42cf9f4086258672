package dev.tally.broker.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.tally.broker.env.ManualClock;
import dev.tally.broker.env.SimulatedDisk;
import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.queue.IndexConfig;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Crashes at every step of a workload, and at random steps of random workloads; each run is repeatable by its seed. */
class CrashExplorationTest {

    private static final int SEGMENT = 4096;
    private static final int RANDOM_RUNS = Integer.getInteger("tally.simulation.runs", 10_000);

    private static int blockBytes = SimulatedDisk.BLOCK;

    private static final Logger LOG = (Logger) LoggerFactory.getLogger("dev.tally.broker");

    /** Thousands of crashes, each of which fences a log. */
    @BeforeAll
    static void silence() {
        LOG.setLevel(Level.OFF);
    }

    @AfterAll
    static void speakAgain() {
        LOG.setLevel(null);
    }

    static StoreFixture small(SimulatedDisk disk, ManualClock clock) {
        StoreFixture fixture = new StoreFixture(disk, clock);
        fixture.config = fixture.config.withSegmentBytes(2048, SEGMENT);
        fixture.derived = new DerivedConfig(
                new IndexConfig(StoreFixture.DIRECTORY.resolve("index"), 3, 2, 0, 200),
                StoreFixture.DIRECTORY.resolve("snapshot"),
                SEGMENT);
        return fixture;
    }

    /** One run up to its crash; opening may be what crashes. */
    record Crashed(StoreFixture fixture, Workload workload) {

        static Crashed at(int step, long seed, int rounds) {
            StoreFixture fixture =
                    small(new SimulatedDisk(seed).blockBytes(blockBytes).crashAtStep(step), new ManualClock());
            Workload workload = new Workload(fixture, seed);
            try {
                fixture.open();
                workload.run(rounds);
            } catch (UncheckedIOException e) {
                assertThat(fixture.disk.crashed()).as("%s", e.getCause()).isTrue();
            }
            return new Crashed(fixture, workload);
        }

        /** Starts again after the crash, crashing three times in the recovery, and checks what is there. */
        void recoverAndCheck(Loss loss, long seed, Random random) {
            SimulatedDisk disk = fixture.disk.afterCrash(loss, seed);
            for (int again = 0; again < 3; again++) {
                StoreFixture interrupted = small(disk.crashAtStep(1 + random.nextInt(25)), fixture.clock);
                try {
                    interrupted.open();
                } catch (UncheckedIOException e) {
                    assertThat(disk.crashed()).as("%s", e.getCause()).isTrue();
                }
                disk = disk.afterCrash(Loss.values()[random.nextInt(3)], random.nextLong());
            }
            StoreFixture after = small(disk, fixture.clock);
            after.open();
            String first = StateDump.of(after.store);
            if (random.nextBoolean()) {
                after.store.snapshot().join();
            }
            after.crash(Loss.values()[random.nextInt(3)]);
            after.open();
            assertThat(StateDump.of(after.store))
                    .as("the same after every further restart")
                    .isEqualTo(first);
            after.crash(Loss.values()[random.nextInt(3)]);
            after.loseDerived();
            after.open();
            assertThat(StateDump.of(after.store)).as("the log alone has it all").isEqualTo(first);
            workload.check(after);
            after.append("the store goes on");
            after.crashAndReopen();
            assertThat(after.visible()).contains("the store goes on");
        }
    }

    static void explore(int step, long seed, int rounds, Loss loss, long lossSeed) {
        try {
            Crashed.at(step, seed, rounds).recoverAndCheck(loss, lossSeed, new Random(lossSeed));
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    replay(seed) + " seed=" + seed + " step=" + step + " rounds=" + rounds + " loss=" + loss
                            + " lossSeed=" + lossSeed,
                    e);
        }
    }

    /** The command line that runs what failed again, alone. */
    static String replay(long seed) {
        String test = StackWalker.getInstance().walk(frames -> frames.map(StackWalker.StackFrame::getClassName)
                .filter(name -> name.endsWith("Test"))
                .reduce((inner, outer) -> outer)
                .orElse(""));
        return "mvn test -pl broker -am -Dtest=" + test.substring(test.lastIndexOf('.') + 1)
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtally.simulation.runs=1 -Dtally.simulation.seed=" + seed;
    }

    @Scenario("broker-1")
    @Scenario("broker-2")
    @Scenario("broker-10")
    @Scenario("broker-13")
    @Test
    void losesNothingAcknowledgedWhereverItCrashes() {
        long seed = 20_240;
        int rounds = 30;
        int steps = Crashed.at(Integer.MAX_VALUE, seed, rounds).fixture.disk.steps();
        assertThat(steps).isGreaterThan(100);
        assertThat(Crashed.at(Integer.MAX_VALUE, seed, rounds).workload.snapshotsTaken())
                .isGreaterThan(3);
        for (int step = 1; step <= steps + 1; step++) {
            explore(step, seed, rounds, Loss.NOTHING, step);
            explore(step, seed, rounds, Loss.EVERYTHING, step);
            for (int subset = 0; subset < 2; subset++) {
                explore(step, seed, rounds, Loss.ANY, 31L * step + subset);
            }
        }
    }

    @Scenario("broker-1")
    @Scenario("broker-2")
    @Test
    void losesNothingAcknowledgedInRandomRuns() {
        long base = Long.getLong("tally.simulation.seed", 1L);
        for (int run = 0; run < RANDOM_RUNS; run++) {
            long seed = base + run;
            Random random = new Random(seed);
            int rounds = 5 + random.nextInt(30);
            int step = 1 + random.nextInt(20 + 8 * rounds);
            blockBytes = random.nextBoolean() ? 512 : 4096;
            explore(step, seed, rounds, Loss.values()[random.nextInt(3)], random.nextLong());
        }
    }

    @Scenario("broker-1")
    @Scenario("broker-3")
    @Test
    void losesNothingAcknowledgedAtAnyByteOfAnAppend() throws IOException {
        StoreFixture before = small(new SimulatedDisk(1), new ManualClock());
        before.open();
        before.append("kept");
        int step = before.disk.steps() + 1;
        for (int bytes = 0; bytes < 160; bytes++) {
            StoreFixture torn = small(new SimulatedDisk(1).crashAtByte(step, bytes), new ManualClock());
            torn.open();
            torn.append("kept");
            assertThat(torn.store.append(List.of(StoreFixture.message("a"), StoreFixture.message("b"))))
                    .isCompletedExceptionally();
            torn.crash(Loss.NOTHING);
            torn.open();
            assertThat(torn.visible()).as("after %s bytes", bytes).isIn(List.of("kept"), List.of("kept", "a", "b"));
            String first = Workload.digest(torn);
            torn.crashAndReopen();
            assertThat(Workload.digest(torn)).isEqualTo(first);
        }
    }
}
