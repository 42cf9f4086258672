package dev.tally.consume.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;

class AdaptiveConcurrencyTest {

    private final AdaptiveConcurrency concurrency = new AdaptiveConcurrency(2, 40, 0);
    private long time;

    /** Windows in which so many messages are handled as the concurrency brings. */
    private void windows(int count, IntUnaryOperator throughput) {
        for (int i = 0; i < count; i++) {
            time += AdaptiveConcurrency.WINDOW_NANOS;
            concurrency.handled(throughput.applyAsInt(concurrency.now()), time);
        }
    }

    @Test
    void risesToTheMostWhileMoreBringsMore() {
        windows(30, now -> now * 100);
        assertThat(concurrency.now()).isEqualTo(40);
    }

    @Test
    void staysWhereMoreBringsNothing() {
        windows(60, now -> Math.min(now, 10) * 100);
        assertThat(concurrency.now()).isBetween(8, 15);
    }

    @Test
    void sinksWhenThereIsLittleToDo() {
        windows(30, now -> now * 100);
        for (int i = 0; i < 50; i++) {
            concurrency.hadSpare();
            windows(1, now -> 1);
        }
        assertThat(concurrency.now()).isEqualTo(2);
    }

    @Test
    void isConstantWhereLeastAndMostAreOne() {
        concurrency.change(5, 5);
        windows(10, now -> now * 100);
        assertThat(concurrency.now()).isEqualTo(5);
    }
}
