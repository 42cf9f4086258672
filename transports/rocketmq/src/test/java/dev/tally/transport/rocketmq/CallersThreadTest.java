package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CallersThreadTest {

    private final ExecutorService others = Executors.newSingleThreadExecutor();
    private final CallersThread threads = new CallersThread(others);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    private Thread whoRuns() throws Exception {
        return threads.submit(Thread::currentThread).get(60, TimeUnit.SECONDS);
    }

    @Test
    void doesInTheCallersThreadWhatIsToBeDoneThereAndNothingElse() throws Exception {
        assertThat(whoRuns()).isNotSameAs(Thread.currentThread());

        threads.use(true);
        assertThat(whoRuns()).isSameAs(Thread.currentThread());
        Thread elsewhere = others.submit(() -> threads.submit(Thread::currentThread))
                .get(60, TimeUnit.SECONDS)
                .get(60, TimeUnit.SECONDS);
        assertThat(elsewhere).isNotSameAs(Thread.currentThread());

        threads.use(false);
        assertThat(whoRuns()).isNotSameAs(Thread.currentThread());
    }

    @Test
    void keepsTheCallersInterruptForTheCaller() throws Exception {
        Semaphore free = new Semaphore(1);
        threads.use(true);
        Thread.currentThread().interrupt();

        var task = threads.submit(() -> free.tryAcquire(60, TimeUnit.SECONDS));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(task.get(60, TimeUnit.SECONDS)).isTrue();
    }
}
