package dev.tally.benchmarks.saga;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TakeOverWorkloadTest {

    @Test
    void tellsTheFirstThatWentOnFromAllOfThemAndFromTheirEnds() {
        TakeOverWorkload.Progress progress = new TakeOverWorkload.Progress(Map.of(1L, 5L, 2L, 5L, 3L, 6L));

        progress.look(Map.of(1L, 5L, 2L, 5L, 3L, 6L), Duration.ofSeconds(1));
        progress.look(Map.of(1L, 5L, 2L, 6L, 3L, 6L), Duration.ofSeconds(2));
        assertThat(progress).hasToString("2 of 3 had not gone on");
        progress.look(Map.of(1L, 6L), Duration.ofSeconds(3));
        assertThat(progress.isOver()).isFalse();
        progress.look(Map.of(), Duration.ofSeconds(4));

        assertThat(progress.isOver()).isTrue();
        assertThat(progress.first()).isEqualTo(Duration.ofSeconds(2));
        assertThat(progress.all()).isEqualTo(Duration.ofSeconds(3));
        assertThat(progress.last()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void isOverAtOnceWhenNothingIsOpen() {
        assertThat(new TakeOverWorkload.Progress(Map.of()).isOver()).isTrue();
    }
}
