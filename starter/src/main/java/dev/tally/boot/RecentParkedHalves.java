package dev.tally.boot;

import dev.tally.half.HalfMessageInspection;
import dev.tally.half.HalfMessagesUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many half messages the brokers have given up asking about. The brokers are asked at most every
 * {@value #MAX_AGE_SECONDS} seconds, on a thread of its own, and only when somebody wants to know, who never waits for it.
 * Thread-safe.
 *
 * @since 0.1
 */
public final class RecentParkedHalves implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RecentParkedHalves.class);
    private static final int MAX_AGE_SECONDS = 10;

    private final HalfMessageInspection inspection;
    private final InstantSource clock;
    private final ExecutorService thread;
    private double parked = Double.NaN;
    private Instant askedAt = Instant.MIN;
    private boolean asking;

    RecentParkedHalves(HalfMessageInspection inspection, InstantSource clock, ExecutorService thread) {
        this.inspection = inspection;
        this.clock = clock;
        this.thread = thread;
    }

    /** What is known; NaN before the brokers were first asked, and where they could not be asked the last time. */
    public synchronized double get() {
        Instant now = clock.instant();
        if (!asking && !now.isBefore(askedAt.plus(Duration.ofSeconds(MAX_AGE_SECONDS)))) {
            asking = true;
            askedAt = now;
            try {
                thread.execute(this::ask);
            } catch (RejectedExecutionException e) {
                asking = false;
                log.debug("parked half messages are not counted any more, the application stops");
            }
        }
        return parked;
    }

    private void ask() {
        double counted = Double.NaN;
        try {
            counted = inspection.parked();
        } catch (HalfMessagesUnavailableException e) {
            log.debug("cannot count parked half messages reason={}", e.getMessage());
        } catch (RuntimeException e) {
            log.warn("cannot count parked half messages", e);
        } finally {
            known(counted);
        }
    }

    private synchronized void known(double counted) {
        parked = counted;
        asking = false;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
