package dev.tally.broker.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.env.SimulatedDisk.Loss;
import dev.tally.broker.env.SimulatedDisk.Operation;
import dev.tally.broker.store.StoreUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class AsynchronousFlushTest {

    private final LogFixture fixture = LogFixture.opened();

    private void appendUnforced(String text) {
        assertThat(fixture.submit(text, false)).isCompleted();
    }

    @Test
    void answersBeforeTheForceAndForcesWithinTwoHundredMilliseconds() {
        int forces = fixture.disk.forces;
        appendUnforced("a");
        appendUnforced("b");
        assertThat(fixture.disk.forces).isEqualTo(forces);
        assertThat(fixture.log.forcedEnd()).isLessThan(fixture.log.end());

        fixture.clock.advance(Duration.ofMillis(100));
        fixture.log.tick();
        assertThat(fixture.disk.forces).isEqualTo(forces);
        fixture.clock.advance(Duration.ofMillis(50));
        fixture.log.tick();
        assertThat(fixture.disk.forces).isEqualTo(forces + 1);
        assertThat(fixture.log.forcedEnd()).isEqualTo(fixture.log.end());

        fixture.crashAndReopen(null);
        assertThat(fixture.recovered).containsExactly("a", "b");
    }

    @Test
    void aSteadyStreamIsForcedAsWell() {
        int forces = fixture.disk.forces;
        for (int i = 0; i < 40; i++) {
            appendUnforced("a");
            fixture.clock.advance(Duration.ofMillis(10));
        }
        assertThat(fixture.disk.forces).isBetween(forces + 2, forces + 4);
    }

    @Test
    void whoWaitsForcesWhatWasWrittenBefore() {
        appendUnforced("a");
        fixture.append("b");
        fixture.crashAndReopen(null);
        assertThat(fixture.recovered).containsExactly("a", "b");
    }

    @Test
    void aPointAndACloseForceWhatWasWrittenBefore() {
        appendUnforced("a");
        LogPoint point = fixture.point();
        assertThat(fixture.log.forcedEnd()).isEqualTo(point.position());
        appendUnforced("b");
        fixture.log.close();
        fixture.crashAndReopen(null);
        assertThat(fixture.recovered).containsExactly("a", "b");
    }

    @Test
    void aPowerCutTakesOnlyTheEnd() {
        Random random = new Random(11);
        for (int run = 0; run < 300; run++) {
            LogFixture cut = LogFixture.opened();
            List<String> written = new ArrayList<>();
            int acknowledged = 0;
            for (int i = 0; i < 12; i++) {
                String text = i + "-" + "y".repeat(random.nextInt(900));
                written.add(text);
                if (random.nextInt(4) == 0) {
                    cut.append(text);
                    acknowledged = written.size();
                } else {
                    cut.submit(text, false);
                }
            }
            cut.disk = cut.disk.afterCrash(Loss.ANY, run);
            cut.open(null);
            assertThat(written).as("run %s", run).startsWith(cut.recovered.toArray(new String[0]));
            assertThat(cut.recovered).hasSizeGreaterThanOrEqualTo(acknowledged);
            List<String> first = cut.recovered;
            cut.append("later");
            cut.crashAndReopen(null);
            assertThat(cut.recovered).startsWith(first.toArray(new String[0])).endsWith("later");
        }
    }

    @Test
    void aForceThatFailsLaterFencesTheLog() {
        appendUnforced("a");
        fixture.disk.failOnce(Operation.FORCE, 0);
        fixture.clock.advance(Duration.ofMillis(200));
        fixture.log.tick();
        Assertions.assertThatThrownBy(() -> fixture.submit("b", false).join())
                .hasCauseInstanceOf(StoreUnavailableException.class);
    }
}
