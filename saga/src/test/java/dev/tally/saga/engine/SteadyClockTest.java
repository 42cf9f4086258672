package dev.tally.saga.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SteadyClockTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private Instant wall = START;
    private long nanos;
    private final SteadyClock clock = new SteadyClock(() -> wall, () -> nanos);

    private Instant after(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
        return clock.instant();
    }

    @Test
    void goesWithTheWallClock() {
        assertThat(after(Duration.ofHours(5))).isEqualTo(START.plus(Duration.ofHours(5)));
    }

    @Test
    @Scenario("saga-43")
    void aJumpForwardMakesNothingEarlyByMoreThanATenth() {
        wall = wall.plus(Duration.ofHours(1));
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(after(Duration.ofMinutes(10))).isEqualTo(START.plus(Duration.ofMinutes(11)));
        for (int i = 0; i < 60; i++) {
            after(Duration.ofMinutes(10));
        }
        assertThat(clock.instant()).isEqualTo(wall);
    }

    @Test
    @Scenario("saga-43")
    void aJumpBackHoldsNothingUpByMoreThanATenth() {
        wall = wall.minus(Duration.ofHours(1));
        assertThat(after(Duration.ofMinutes(10))).isEqualTo(START.plus(Duration.ofMinutes(9)));
        Instant last = clock.instant();
        for (int i = 0; i < 60; i++) {
            Instant next = after(Duration.ofMinutes(10));
            assertThat(next).isAfter(last);
            last = next;
        }
        assertThat(clock.instant()).isEqualTo(wall);
    }
}
