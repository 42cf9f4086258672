package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import java.util.List;

/** Threads that place orders of a thousand customers while the messages of one of them always fail. */
final class PoisonWorkload {

    private final Settings settings;

    PoisonWorkload(Settings settings) {
        this.settings = settings;
    }

    List<Reading> run(Stage stage, String poisoned) throws Exception {
        try (Publisher publisher = stage.publisher()) {
            publisher.open();
            publisher.relay(0);
            PublishWorkload.warmUp(publisher, settings);
            Publisher.Load load =
                    publisher.load(PublishWorkload.THREADS, settings.warmUp().dividedBy(2), settings.window());
            boolean isPoisoned = stage.contender().properties().stream().anyMatch(each -> each.endsWith(poisoned));
            String arriving = isPoisoned ? " WHERE customer <> '" + poisoned + "'" : "";
            long others = stage.database().number("SELECT COUNT(*) FROM bench_order" + arriving);
            Publisher.Delivered delivered = publisher.awaitAll(others);
            return List.of(
                    new Reading(load.perSecond(), "tx/s"),
                    new Reading(load.deliveredPerSecond(), "others delivered/s"),
                    new Reading(load.millisAt99(), "ms p99"),
                    new Reading(delivered.duplicates(), "duplicates"));
        }
    }
}
