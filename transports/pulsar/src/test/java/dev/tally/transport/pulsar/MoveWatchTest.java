package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.TransportException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pulsar.client.api.Consumer;
import org.junit.jupiter.api.Test;

class MoveWatchTest {

    private static final MoveMark DONE = new MoveMark("one", false);
    private static final MoveMark UNDER_WAY = new MoveMark("two", true);

    private final Deque<CompletableFuture<MoveMark>> answers = new ArrayDeque<>();
    private final AtomicLong now = new AtomicLong();
    private final MoveWatch watch = new MoveWatch(
            () -> {
                now.addAndGet(Duration.ofSeconds(1).toNanos());
                return answers.size() > 1 ? answers.remove() : answers.element();
            },
            Duration.ofSeconds(30),
            now::get,
            "the group");

    private long disconnected;
    private int resumed;

    private final Consumer<?> consumer = (Consumer<?>) Proxy.newProxyInstance(
            Consumer.class.getClassLoader(),
            new Class<?>[] {Consumer.class},
            (proxy, method, arguments) -> switch (method.getName()) {
                case "getLastDisconnectedTimestamp" -> disconnected;
                case "resume" -> {
                    resumed++;
                    yield null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            });

    private void says(MoveMark mark) {
        answers.add(CompletableFuture.completedFuture(mark));
    }

    private void failsToSay() {
        answers.add(CompletableFuture.failedFuture(new TransportException("nobody is there")));
    }

    private boolean hasMoved() {
        return watch.hasMoved(consumer, () -> true);
    }

    @Test
    void asksAgainOnlyWhereTheConnectionWasLost() {
        says(DONE);
        assertThat(watch.subscribing().join()).isEqualTo(DONE);
        assertThat(hasMoved()).isFalse();
        long asked = now.get();
        assertThat(hasMoved()).isFalse();
        assertThat(now).hasValue(asked);

        disconnected = 5;
        assertThat(hasMoved())
                .as("the broker was away, the group is where it was")
                .isFalse();
        assertThat(now.get()).isGreaterThan(asked);

        answers.clear();
        says(UNDER_WAY);
        disconnected = 6;
        assertThat(hasMoved()).isTrue();
    }

    @Test
    void noticesAMoveThatBeganWhileItSubscribed() {
        says(DONE);
        watch.subscribing().join();
        answers.clear();
        says(UNDER_WAY);

        assertThat(hasMoved()).isTrue();
    }

    @Test
    void receivesWhenTheMoveHasEnded() {
        says(UNDER_WAY);
        assertThat(watch.subscribing().join()).isEqualTo(UNDER_WAY);
        failsToSay();
        says(new MoveMark("two", false));

        watch.begin(consumer, () -> true);

        assertThat(answers).hasSize(1);
        assertThat(resumed).isEqualTo(1);
        assertThat(hasMoved()).isFalse();
    }

    @Test
    void receivesAfterAWhileWhereNobodyEndsTheMove() {
        says(UNDER_WAY);
        watch.subscribing().join();

        watch.begin(consumer, () -> true);

        assertThat(resumed).isEqualTo(1);
        assertThat(now.get())
                .isBetween(
                        Duration.ofSeconds(30).toNanos(), Duration.ofSeconds(40).toNanos());
        assertThat(hasMoved()).isFalse();
    }

    @Test
    void goesOnWhereNobodyAnswersAndLooksAgainLater() {
        failsToSay();
        assertThat(watch.subscribing().join()).isEqualTo(MoveMark.NONE);
        assertThat(hasMoved()).isFalse();
        long asked = now.get();
        assertThat(hasMoved()).isFalse();
        assertThat(now).hasValue(asked);

        answers.clear();
        says(UNDER_WAY);
        now.addAndGet(Duration.ofSeconds(10).toNanos());
        assertThat(hasMoved()).isTrue();
    }

    @Test
    void readsWhatItWrites() {
        assertThat(MoveMark.of("")).isEqualTo(MoveMark.NONE);
        assertThat(MoveMark.of(UNDER_WAY.text())).isEqualTo(UNDER_WAY);
        assertThat(MoveMark.of(DONE.text())).isEqualTo(DONE);
    }
}
