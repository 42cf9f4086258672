package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Messages that were stored while the relay was off, and are delivered when it is started. */
final class DrainWorkload {

    /** So many of the messages are drained once before, by the same process. */
    private static final int WARM_UP_PART = 5;

    private static final int LAST = 9;

    /** Until what was delivered is removed as well: the next life would find it. */
    private static final Duration REMOVED_WITHIN = Duration.ofSeconds(1);

    private final long count;
    private final boolean byTenths;
    private final Timing timing;

    /** With {@code byTenths}, the last tenth is compared with the first. */
    DrainWorkload(long count, boolean byTenths, Timing timing) {
        this.count = count;
        this.byTenths = byTenths;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Publisher publisher = stage.publisher()) {
            long warm = count / WARM_UP_PART;
            store(publisher, warm);
            publisher.relay(warm);
            publisher.awaitAll(warm);
            timing.pause(REMOVED_WITHIN);
            store(publisher, count);
            Duration applicationBefore = ProcessUsage.cpu(publisher.pid());
            Duration databaseBefore = stage.database().cpu();
            long started = publisher.relay(count);
            Publisher.Delivered delivered = publisher.awaitAll(count);
            Duration ofApplication = ProcessUsage.cpu(publisher.pid()).minus(applicationBefore);
            Duration ofDatabase = stage.database().cpu().minus(databaseBefore);
            List<Reading> readings = new ArrayList<>(List.of(
                    new Reading(
                            (count - 1) * 1e9 / Math.max(1, delivered.lastNanos() - delivered.firstNanos()), "msg/s"),
                    new Reading((delivered.firstNanos() - started) / 1e9, "s to the first"),
                    new Reading(micros(ofApplication) / count, "us application CPU/msg"),
                    new Reading(micros(ofDatabase) / count, "us database CPU/msg"),
                    new Reading(delivered.duplicates(), "duplicates")));
            if (byTenths) {
                readings.add(new Reading(lastToFirst(delivered.firstNanos(), publisher.tenths()), "last/first tenth"));
            }
            return readings;
        }
    }

    /** Stores in one life of the service, and opens the next. */
    private static void store(Publisher publisher, long count) throws Exception {
        publisher.open();
        publisher.store(count);
        publisher.end();
        publisher.open();
    }

    /** How fast the last tenth went, as a part of how fast the first did. */
    static double lastToFirst(long first, long[] tenths) {
        double firstTook = tenths[0] - first;
        double lastTook = tenths[LAST] - tenths[LAST - 1];
        if (firstTook <= 0 || lastTook <= 0) {
            throw new BenchmarkException("The tenths took " + firstTook + " and " + lastTook + " ns");
        }
        return firstTook / lastTook;
    }

    private static double micros(Duration time) {
        return time.toNanos() / 1e3;
    }
}
