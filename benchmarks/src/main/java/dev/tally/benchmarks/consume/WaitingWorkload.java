package dev.tally.benchmarks.consume;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.time.Timing;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Messages that wait, and are consumed by a service that is started. */
final class WaitingWorkload {

    /** So many of the messages are consumed once before, from another topic, by the same process. */
    private static final int WARM_UP_PART = 5;

    private static final String WARM_TOPIC = "bench-warm";
    private static final String TOPIC = "bench-waiting";

    /** Until what ended has told the broker and the database. */
    private static final Duration QUIET_WITHIN = Duration.ofSeconds(1);

    private final Load load;
    private final Timing timing;

    WaitingWorkload(Load load, Timing timing) {
        this.load = load;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        Load measured = load.part(stage.contender().part());
        Load warm = measured.part(WARM_UP_PART);
        stage.fill(WARM_TOPIC, warm, Order.FIRST_ID);
        stage.fill(TOPIC, measured, Order.FIRST_ID + warm.count());
        try (Consumer consumer = stage.consumer()) {
            consumer.open(WARM_TOPIC);
            consumer.start();
            consumer.awaitAll(warm.deliveries());
            consumer.end();
            timing.pause(QUIET_WITHIN);
            consumer.open(TOPIC);
            Duration applicationBefore = ProcessUsage.cpu(consumer.pid());
            Duration databaseBefore = stage.database().cpu();
            Duration brokerBefore = ProcessUsage.cpu(stage.broker().pid());
            consumer.start();
            Consumer.Settled settled = consumer.awaitAll(measured.deliveries());
            double count = measured.deliveries();
            List<Reading> readings = new ArrayList<>(List.of(
                    new Reading(settled.perSecond(), "msg/s"),
                    new Reading(
                            micros(ProcessUsage.cpu(consumer.pid()).minus(applicationBefore)) / count,
                            "us application CPU/msg"),
                    new Reading(micros(stage.database().cpu().minus(databaseBefore)) / count, "us database CPU/msg"),
                    new Reading(
                            micros(ProcessUsage.cpu(stage.broker().pid()).minus(brokerBefore)) / count,
                            "us broker CPU/msg")));
            Consumer.Handling handling = consumer.handling();
            if (handling.transactions() > 0) {
                readings.add(new Reading(handling.millisAtHalf(), "ms p50"));
                readings.add(new Reading(handling.millisAt99(), "ms p99"));
                readings.add(new Reading((double) handling.messages() / handling.transactions(), "msg/transaction"));
                readings.add(new Reading(settled.failures(), "rolled back"));
            }
            if (stage.contender().style().updates()) {
                readings.add(new Reading(doubleEffects(stage, warm.count() + measured.count()), "double effects"));
            }
            return readings;
        }
    }

    private static long doubleEffects(Stage stage, long expected) throws SQLException {
        long effects = stage.database().number("SELECT SUM(orders) FROM bench_account");
        if (effects < expected) {
            throw new BenchmarkException(
                    "Of " + expected + " messages, " + (expected - effects) + " have no effect in the database");
        }
        return effects - expected;
    }

    private static double micros(Duration time) {
        return time.toNanos() / 1e3;
    }
}
