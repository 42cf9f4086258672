package dev.tally.boot;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What reading gave a while ago at most, however often it is asked for; a failure is not remembered. Thread-safe. */
final class Recent<T> {

    private final Supplier<T> read;
    private final Duration maxAge;
    private final InstantSource clock;
    private @Nullable T known;
    private Instant readAt = Instant.MIN;

    Recent(Supplier<T> read, Duration maxAge, InstantSource clock) {
        this.read = read;
        this.maxAge = maxAge;
        this.clock = clock;
    }

    synchronized T get() {
        Instant now = clock.instant();
        T last = known;
        if (last != null && now.isBefore(readAt.plus(maxAge))) {
            return last;
        }
        T fresh = read.get();
        known = fresh;
        readAt = now;
        return fresh;
    }
}
