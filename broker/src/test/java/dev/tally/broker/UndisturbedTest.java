package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class UndisturbedTest {

    @Test
    void workGoesOnWhenItsCallerIsInterruptedMeanwhile() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicBoolean disturbed = new AtomicBoolean();
        AtomicBoolean kept = new AtomicBoolean();
        AtomicReference<String> result = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                result.set(Undisturbed.run("work", () -> {
                    goOn.await();
                    disturbed.set(Thread.interrupted());
                    return "done";
                }));
            } catch (ExecutionException e) {
                result.set(e.toString());
            }
            kept.set(Thread.interrupted());
        });
        caller.start();
        await().until(() -> caller.getState() == Thread.State.WAITING);

        caller.interrupt();
        await().until(() -> !caller.isInterrupted() && caller.getState() == Thread.State.WAITING);
        goOn.countDown();
        caller.join();

        assertThat(result).hasValue("done");
        assertThat(disturbed).isFalse();
        assertThat(kept).as("the interrupt is kept").isTrue();
    }

    @Test
    void tellsTheFailureOfTheWork() {
        assertThatThrownBy(() -> Undisturbed.run("work", () -> {
                    throw new IOException("no disk");
                }))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(IOException.class)
                .hasMessage("no disk");
    }
}
