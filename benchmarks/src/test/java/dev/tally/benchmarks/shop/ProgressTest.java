package dev.tally.benchmarks.shop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private long nanos = 1_000;

    private final Progress progress = new Progress(new Timing() {
        @Override
        public long nanos() {
            return nanos;
        }

        @Override
        public Instant now() {
            return Instant.EPOCH;
        }

        @Override
        public void pause(Duration time) {
            nanos += time.toNanos();
        }
    });

    @Test
    void measuresFromTheStartsCommitToTheEnd() throws Exception {
        progress.begun(1);
        nanos += 700;
        progress.ended(1);

        assertThat(progress.latencies().getMaxValue()).isEqualTo(700);
        assertThat(progress.latencies().getTotalCount()).isEqualTo(1);
        progress.awaitOpen(0);
    }

    @Test
    void takesAnEndThatIsSeenBeforeTheCommitForNoTime() {
        progress.ended(1);
        nanos += 700;
        progress.begun(1);

        assertThat(progress.latencies().getTotalCount()).isEqualTo(1);
        assertThat(progress.latencies().getMaxValue()).isZero();
    }

    @Test
    void forgetsLatenciesAndNothingElse() {
        progress.begun(1);
        progress.ended(1);
        progress.begun(2);
        progress.forgetLatencies();

        assertThat(progress.latencies().getTotalCount()).isZero();
        assertThat(progress.begun() - progress.ended()).isEqualTo(1);
    }
}
