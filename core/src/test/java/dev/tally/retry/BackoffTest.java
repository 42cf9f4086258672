package dev.tally.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final RandomGenerator random = new SplittableRandom(42);

    @Test
    void growsUpToTheMaximumAndStaysThere() {
        Backoff backoff = new Backoff(SECOND, Duration.ofSeconds(10), 2, 0);

        assertThat(IntStream.rangeClosed(1, 6)
                        .mapToObj(n -> backoff.delay(n, random).toSeconds()))
                .containsExactly(1L, 2L, 4L, 8L, 10L, 10L);
        assertThat(backoff.delay(Integer.MAX_VALUE, random)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void jitterTakesAwayAtMostItsPart() {
        Backoff backoff = new Backoff(SECOND, Duration.ofHours(1), 3, 0.5);
        for (int i = 0; i < 1000; i++) {
            assertThat(backoff.delay(2, random)).isBetween(Duration.ofMillis(1500), Duration.ofSeconds(3));
        }
        assertThat(IntStream.range(0, 100)
                        .mapToObj(i -> backoff.delay(2, random))
                        .distinct())
                .hasSizeGreaterThan(90);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(Duration.ZERO, SECOND, 2, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(SECOND, Duration.ofMillis(1), 2, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(SECOND, SECOND, 0.5, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(SECOND, SECOND, Double.NaN, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(SECOND, SECOND, 2, 1.1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Backoff(SECOND, SECOND, 2, 0).delay(0, random))
                .withMessageContaining("attempt 0");
    }
}
