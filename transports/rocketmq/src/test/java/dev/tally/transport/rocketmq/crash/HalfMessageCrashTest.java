package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills services, databases and brokers at every step of half messages, and finds that what committed took effect once,
 * and nothing else did.
 *
 * <p>{@code tally.crash.runs} is how many kills there are in all tests together, {@code tally.crash.seed} which ones.
 */
@Scenario("messaging-2")
@Scenario("messaging-14")
@Scenario("messaging-19")
@Scenario("messaging-21")
@Timeout(3_600)
class HalfMessageCrashTest {

    private static final int RUNS = Integer.getInteger("tally.crash.runs", 500);
    private static final long SEED = Long.getLong("tally.crash.seed", new Random().nextLong());

    /** In so many kills a full schedule meets every point with every victim. */
    private static final int COVERING = 400;

    private static final int BETWEEN_SETTLEMENTS = 25;

    @TempDir
    static Path programs;

    private static Launcher launcher;

    @TempDir
    private Path folder;

    @BeforeAll
    static void pack() {
        System.out.println("tally.crash.seed=" + SEED + " tally.crash.runs=" + RUNS);
        launcher = new Launcher(programs);
    }

    @Test
    void agreeWhereverAServiceADatabaseOrABrokerIsKilledOnPostgres() {
        int runs = RUNS * 92 / 100;
        Random random = new Random(SEED);
        Map<String, Integer> hits = kill(
                runs, Schedule.full(random), KillableDatabase.postgres(folder), KillableBroker.tally(launcher, folder));
        if (runs >= COVERING) {
            assertThat(hits.keySet()).containsAll(Schedule.everything());
        }
    }

    @Test
    void agreeWhereverAServiceADatabaseOrABrokerIsKilledOnMariaDb() {
        kill(
                Math.max(4, RUNS * 4 / 100),
                Schedule.full(new Random(SEED + 1)),
                KillableDatabase.mariaDb(folder),
                KillableBroker.tally(launcher, folder));
    }

    @Test
    void agreeWhereverTheServiceIsKilledTogetherWithItsH2() {
        kill(
                Math.max(3, RUNS * 2 / 100),
                Schedule.serviceOnly(new Random(SEED + 2)),
                KillableDatabase.h2(folder),
                KillableBroker.tally(launcher, folder));
    }

    @DisabledForJreRange(
            min = JRE.JAVA_25,
            disabledReason =
                    "RocketMQ 5.5.0 cannot delete a mapped index file there, which it does when it starts again after a kill")
    @Test
    void agreeWhereverAServiceADatabaseOrABrokerIsKilledAtARealRocketMq() {
        kill(
                Math.max(3, RUNS * 2 / 100),
                Schedule.aroundTheBroker(new Random(SEED + 3)),
                KillableDatabase.postgres(folder),
                KillableBroker.rocketMq(launcher, folder));
    }

    private static Map<String, Integer> kill(
            int runs, Schedule schedule, KillableDatabase database, KillableBroker broker) {
        long begin = System.nanoTime();
        try (CrashWorld world = CrashWorld.begin(launcher, database, broker, Mutant.NONE, new Random(SEED))) {
            for (int i = 1; i <= runs; i++) {
                world.run(schedule.next());
                if (i % BETWEEN_SETTLEMENTS == 0 || i == runs) {
                    world.settle("after " + i + " kills, tally.crash.seed=" + SEED);
                }
            }
            Map<String, Integer> hits = world.hits();
            System.out.println(runs + " kills in " + Duration.ofNanos(System.nanoTime() - begin) + ", "
                    + hits.values().stream().mapToInt(Integer::intValue).sum() + " stops: " + hits);
            return hits;
        }
    }
}
