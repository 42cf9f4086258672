package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The kills find the mistakes that they are there to find. */
@Timeout(3_600)
class CrashHarnessTest {

    private static final int MOST = 100;
    private static final int BETWEEN_SETTLEMENTS = 5;
    private static final long SEED = Long.getLong("tally.crash.seed", 1);

    @TempDir
    static Path programs;

    private static Launcher launcher;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void findsTheMistake(Mutant mutant) {
        if (launcher == null) {
            launcher = new Launcher(programs);
        }
        Schedule schedule = Schedule.full(new Random(SEED));
        try (CrashWorld world = CrashWorld.begin(
                launcher,
                KillableDatabase.postgres(folder),
                KillableBroker.tally(launcher, folder),
                mutant,
                new Random(SEED))) {
            for (int i = 1; i <= MOST; i++) {
                world.run(schedule.next());
                if (i % BETWEEN_SETTLEMENTS == 0 && disagree(world, mutant, i)) {
                    return;
                }
            }
        }
        fail(mutant + " was not found in " + MOST + " kills, tally.crash.seed=" + SEED);
    }

    private static boolean disagree(CrashWorld world, Mutant mutant, int runs) {
        try {
            world.settle("after " + runs + " kills with " + mutant);
            return false;
        } catch (AssertionError found) {
            System.out.println(mutant + " found after " + runs + " kills: "
                    + found.getMessage().lines().skip(1).findFirst().orElse(""));
            assertThat(found).hasMessageContaining("do not agree");
            return true;
        }
    }
}
