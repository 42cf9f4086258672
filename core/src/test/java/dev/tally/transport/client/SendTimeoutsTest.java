package dev.tally.transport.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SendTimeoutsTest {

    private static final Duration TIMEOUT = Duration.ofMillis(400);

    private final SendTimeouts timeouts = new SendTimeouts(TIMEOUT);

    @Test
    void completesWhatNobodyElseDoesNotBeforeItsTimeAndSoonAfterIt() throws Exception {
        for (int round = 0; round < 3; round++) {
            long begun = System.nanoTime();
            SendOutcome outcome =
                    timeouts.watch(new CompletableFuture<>(), "Cannot send m-1").get(20, TimeUnit.SECONDS);
            Duration took = Duration.ofNanos(System.nanoTime() - begun);

            assertThat(outcome)
                    .isEqualTo(new SendOutcome.Failed(
                            true,
                            "Cannot send m-1: no confirmation within PT0.4S; the broker may have it or not",
                            null));
            assertThat(took).isBetween(TIMEOUT, TIMEOUT.multipliedBy(5));
        }
    }

    @Test
    void leavesOutcomesThatAreThereAlone() {
        CompletableFuture<SendOutcome> sent = timeouts.watch(new CompletableFuture<>(), "Cannot send m-2");
        sent.complete(new SendOutcome.Sent("1"));
        SendOutcome.Failed other = new SendOutcome.Failed(false, "other", null);
        CompletableFuture<SendOutcome> late = timeouts.watch(new CompletableFuture<>(), () -> other);

        assertThat(late.join()).isSameAs(other);
        assertThat(sent.join()).isEqualTo(new SendOutcome.Sent("1"));
    }

    @Test
    void watchesManyFromManyThreads() throws Exception {
        List<CompletableFuture<SendOutcome>> open = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> {
                for (int n = 0; n < 20_000; n++) {
                    CompletableFuture<SendOutcome> each = timeouts.watch(new CompletableFuture<>(), "m");
                    if (n % 1000 == 0) {
                        synchronized (open) {
                            open.add(each);
                        }
                    } else {
                        each.complete(new SendOutcome.Sent(""));
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(open).hasSize(80);
        await().atMost(TIMEOUT.multipliedBy(25)).until(() -> open.stream().allMatch(CompletableFuture::isDone));
    }
}
