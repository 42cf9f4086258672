package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.List;

/** What the database executes for each transaction: the row, the message, its delivery and its removal. */
final class StatementsWorkload {

    private static final Duration COMPLETED_WITHIN = Duration.ofMillis(500);

    private final Settings settings;
    private final Timing timing;

    StatementsWorkload(Settings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Publisher publisher = stage.publisher("--bench.count-statements=true")) {
            publisher.open();
            publisher.relay(0);
            long warm = PublishWorkload.warmUp(publisher, settings);
            publisher.awaitAll(warm);
            timing.pause(COMPLETED_WITHIN);
            long before = publisher.statements();
            long all = publisher
                    .load(PublishWorkload.THREADS, Duration.ZERO, settings.window())
                    .all();
            publisher.awaitAll(warm + all);
            timing.pause(COMPLETED_WITHIN);
            return List.of(new Reading((double) (publisher.statements() - before) / all, "statements/tx"));
        }
    }
}
