package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import java.util.List;

/** How soon after its commit an order is delivered, at a moderate rate. */
final class DeliveryWorkload {

    private final int rate;
    private final Settings settings;

    DeliveryWorkload(int rate, Settings settings) {
        this.rate = rate;
        this.settings = settings;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Publisher publisher = stage.publisher()) {
            publisher.open();
            publisher.relay(0);
            long all = PublishWorkload.warmUp(publisher, settings);
            publisher.awaitAll(all);
            all += publisher.pace(rate, settings.warmUp()).count();
            Publisher.Pace pace = publisher.pace(rate, settings.window());
            Publisher.Delivered delivered = publisher.awaitAll(all + pace.count());
            return List.of(
                    new Reading(pace.millisAtHalf(), "ms p50"),
                    new Reading(pace.millisAt99(), "ms p99"),
                    new Reading(delivered.duplicates(), "duplicates"));
        }
    }
}
