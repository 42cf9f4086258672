package dev.tally.sample.demo.time;

import java.time.Duration;
import java.time.Instant;

/**
 * The machine's clock, and real waiting.
 *
 * @since 0.1
 */
public final class SystemPacing implements Pacing {

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public void pause(Duration time) throws InterruptedException {
        Thread.sleep(time.toMillis());
    }
}
