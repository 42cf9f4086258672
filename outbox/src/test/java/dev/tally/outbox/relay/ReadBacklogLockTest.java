package dev.tally.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.OutboxSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The lanes ask, under their lock, whether there is more to read; whoever reads must not wait for that lock with its own. */
class ReadBacklogLockTest {

    private final InstantSource clock = InstantSource.system();
    private final OutboxSettings settings = OutboxSettings.builder().build();
    private final Lanes lanes = new Lanes(settings, clock, () -> {}, () -> {});
    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(2);
    private final RelayParts parts =
            new RelayParts(null, null, null, null, settings, null, null, clock, null, new Timers(scheduler), null);
    private final ReadBacklog backlog =
            new ReadBacklog(parts, lanes, new Lease(clock, settings, Instant.now()), "#spill", () -> {});

    @AfterEach
    void close() {
        scheduler.shutdownNow();
    }

    /** Holds the lanes' lock until {@code reading} waits for it, and asks what the lanes ask. */
    private void askWhileItWaits(Runnable reading) throws Exception {
        Thread reader = new Thread(reading, "reader");
        synchronized (lanes) {
            reader.start();
            await().atMost(Duration.ofSeconds(60)).until(() -> reader.getState() == Thread.State.BLOCKED);
            CompletableFuture<Boolean> asked = CompletableFuture.supplyAsync(() -> backlog.isFullyRead("#1"));
            assertThat(asked.get(60, TimeUnit.SECONDS)).isFalse();
        }
        reader.join();
    }

    @Test
    void whileAdoptedOwnersAreTakenNote() throws Exception {
        askWhileItWaits(() -> backlog.adopted(Set.of("#1")));
    }

    @Test
    void whileTheNextPageIsChosen() throws Exception {
        askWhileItWaits(() -> {
            backlog.rewind(1);
            backlog.readPage();
        });
    }
}
