package dev.tally.saga.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SagaWakeLoopTest {

    private static SagaWakeLoop loop(java.util.function.Supplier<SagaWaker.Waked> waker, double perSecond) {
        return new SagaWakeLoop(
                waker,
                Duration.ofHours(1),
                Executors.newSingleThreadExecutor(),
                Duration.ofSeconds(10),
                perSecond,
                System::nanoTime);
    }

    @Test
    void keepsToItsRateWhileThereAreMore() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch ended = new CountDownLatch(1);
        long begun = System.nanoTime();
        try (SagaWakeLoop loop = loop(
                () -> {
                    if (calls.incrementAndGet() <= 5) {
                        return new SagaWaker.Waked(50, true);
                    }
                    ended.countDown();
                    return new SagaWaker.Waked(0, false);
                },
                500)) {
            loop.start();
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .as("250 sagas at 500 in a second")
                .isGreaterThanOrEqualTo(Duration.ofMillis(490));
    }

    @Test
    void looksAtOnceWhenNudgedAndGoesOnAfterAFailure() throws InterruptedException {
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch second = new CountDownLatch(2);
        try (SagaWakeLoop loop = loop(
                () -> {
                    second.countDown();
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("the database is away");
                    }
                    return new SagaWaker.Waked(0, false);
                },
                Double.POSITIVE_INFINITY)) {
            loop.start();
            while (!second.await(10, TimeUnit.MILLISECONDS)) {
                loop.nudge();
            }
        }
        assertThat(calls.get()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void closesSoonAlsoWhileItRests() throws InterruptedException {
        CountDownLatch resting = new CountDownLatch(1);
        SagaWakeLoop loop = loop(
                () -> {
                    resting.countDown();
                    return new SagaWaker.Waked(1_000_000, true);
                },
                1);
        loop.start();
        assertThat(resting.await(60, TimeUnit.SECONDS)).isTrue();
        long begun = System.nanoTime();
        loop.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(9));
    }

    @Test
    void refusesARateThatWakesNothing() {
        assertThatThrownBy(() -> loop(() -> new SagaWaker.Waked(0, false), 0)).hasMessageContaining("0.0");
    }
}
