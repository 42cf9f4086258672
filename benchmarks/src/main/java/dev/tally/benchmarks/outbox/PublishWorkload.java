package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.publisher.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Threads that place one order after the other while the relay runs. */
final class PublishWorkload {

    static final int THREADS = 8;

    private static final Duration AT_SPEED_AGAIN = Duration.ofMillis(500);
    /** On a loaded machine, time alone would leave the service interpreted. */
    private static final int WARM_TRANSACTIONS = 1000;

    /** The compiler works for most of a minute on what a Spring service runs, and much less on plain JDBC. */
    static final int WARM_ROUNDS = 8;

    private final Settings settings;

    PublishWorkload(Settings settings) {
        this.settings = settings;
    }

    List<Reading> run(Stage stage) throws Exception {
        try (Publisher publisher = stage.publisher()) {
            publisher.open();
            publisher.relay(0);
            long all = warmUp(publisher, settings);
            Duration applicationBefore = ProcessUsage.cpu(publisher.pid());
            Duration databaseBefore = stage.database().cpu();
            Duration brokerBefore = stage.brokerCpu();
            Publisher.Load load = publisher.load(THREADS, AT_SPEED_AGAIN, settings.window());
            Duration ofApplication = ProcessUsage.cpu(publisher.pid()).minus(applicationBefore);
            Duration ofDatabase = stage.database().cpu().minus(databaseBefore);
            Duration ofBroker = stage.brokerCpu().minus(brokerBefore);
            all += load.all();
            List<Reading> readings = new ArrayList<>(List.of(
                    new Reading(load.perSecond(), "tx/s"),
                    new Reading(load.millisAtHalf(), "ms p50"),
                    new Reading(load.millisAt99(), "ms p99"),
                    new Reading(micros(ofApplication) / load.all(), "us application CPU/tx"),
                    new Reading(micros(ofDatabase) / load.all(), "us database CPU/tx")));
            if (stage.contender().kind().needsBroker()) {
                readings.add(new Reading(micros(ofBroker) / load.all(), "us broker CPU/tx"));
            }
            if (stage.contender().kind() != Kind.ROW) {
                long behind = all - publisher.delivered().distinct();
                Publisher.Delivered delivered = publisher.awaitAll(all);
                readings.add(new Reading(load.deliveredPerSecond(), "delivered/s"));
                readings.add(new Reading(behind, "undelivered at the end"));
                readings.add(new Reading(delivered.duplicates(), "duplicates"));
            }
            return readings;
        }
    }

    /** Orders until the service is compiled; answers how many. */
    static long warmUp(Publisher publisher, Settings settings) throws Exception {
        long transactions = WARM_TRANSACTIONS * settings.warmUp().toSeconds();
        publisher.run(transactions);
        return transactions
                + publisher
                        .load(THREADS, Duration.ZERO, settings.warmUp().multipliedBy(WARM_ROUNDS))
                        .all();
    }

    private static double micros(Duration time) {
        return time.toNanos() / 1e3;
    }
}
