package dev.tally.benchmarks.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.benchmarks.figure.BenchmarkException;
import org.junit.jupiter.api.Test;

class DrainWorkloadTest {

    @Test
    void comparesTheSpeedOfTheLastTenthWithTheFirsts() {
        long[] tenths = {110, 120, 130, 140, 150, 160, 170, 180, 190, 210};

        assertThat(DrainWorkload.lastToFirst(100, tenths)).isEqualTo(0.5);
    }

    @Test
    void refusesTenthsThatWereNotNoted() {
        assertThatThrownBy(() -> DrainWorkload.lastToFirst(100, new long[10])).isInstanceOf(BenchmarkException.class);
    }
}
