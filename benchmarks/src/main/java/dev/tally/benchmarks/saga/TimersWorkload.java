package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.shop.Role;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.time.Timing;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Many sagas whose step times out at one moment, while others go on at a moderate rate. */
final class TimersWorkload {

    private static final Duration INSERTED_WITHIN = Duration.ofSeconds(60);
    private static final Duration ENDED_WITHIN = Duration.ofMinutes(15);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    /** Copies of a saga that waits, which differ in what it is about and in the time. */
    private static final String COPIES = """
            INSERT INTO tally_saga (saga_id, saga_name, definition_version, fingerprint, business_key, state, backward,
                    version, steps, data, started_at, wake_at)
            SELECT 'bench-timer-' || i, saga_name, definition_version, fingerprint, 'timer-' || i, state, backward,
                    version, regexp_replace(steps, '"due":\\d+', '"due":%2$d'),
                    regexp_replace(data, '"id":\\d+', '"id":' || -i), started_at, %2$d
            FROM tally_saga, generate_series(1, %3$d) AS i WHERE saga_id = '%1$s'""";

    private final String definition;
    private final long timers;
    private final int rate;
    private final Settings settings;
    private final Timing timing;

    TimersWorkload(String definition, long timers, int rate, Settings settings, Timing timing) {
        this.definition = definition;
        this.timers = timers;
        this.rate = rate;
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        Database database = stage.database();
        try (Shop shop = stage.shop(Role.ALL)) {
            SagasWorkload.warmUp(shop, settings);
            String template = shop.startWaiting(definition);
            Instant due = timing.now()
                    .plus(settings.warmUp().multipliedBy(SagasWorkload.WARM_ROUNDS))
                    .plus(settings.window())
                    .plus(INSERTED_WITHIN);
            database.execute(COPIES.formatted(template, due.toEpochMilli(), timers));
            // It comes by itself where such rows come one by one.
            database.execute("ANALYZE tally_saga");
            requireWaiting(database);
            Shop.Pace before = LatencyWorkload.pace(shop, rate, settings, timing);
            if (timing.now().isAfter(due)) {
                throw new BenchmarkException("The timers were due while what is before them was measured; there were "
                        + INSERTED_WITHIN + " for inserting them");
            }
            shop.pace(rate);
            timing.pause(Duration.between(timing.now(), due));
            var unused = shop.rest();
            long start = timing.nanos();
            shop.pace(rate);
            awaitEnd(database, start);
            Duration took = timing.since(start);
            Shop.Pace during = shop.rest();
            requireCalledOff(database);
            var doubles = Books.doubleEffects(database, true);
            return List.of(
                    new Reading(before.millisAtHalf(), "ms p50 before"),
                    new Reading(before.millisAt99(), "ms p99 before"),
                    new Reading(during.millisAtHalf(), "ms p50 during"),
                    new Reading(during.millisAt99(), "ms p99 during"),
                    new Reading(during.millisAt99() / before.millisAt99(), "p99 during/before"),
                    new Reading(during.perSecond(), "started/s during"),
                    new Reading(took.toNanos() / 1e9, "s to the last timer"),
                    new Reading(doubles, "double effects"));
        }
    }

    private void requireWaiting(Database database) throws SQLException {
        long waiting = open(database);
        if (waiting != timers) {
            throw new BenchmarkException("Of " + timers + " sagas that were to wait, " + waiting + " do");
        }
    }

    private void awaitEnd(Database database, long start) throws SQLException, InterruptedException {
        for (long open = open(database); open > 0; open = open(database)) {
            if (timing.since(start).compareTo(ENDED_WITHIN) > 0) {
                throw new BenchmarkException("Of " + timers + " sagas whose time had come, " + open
                        + " had not ended after " + ENDED_WITHIN);
            }
            timing.pause(LOOK_AGAIN);
        }
    }

    private static long open(Database database) throws SQLException {
        return database.number(
                "SELECT COUNT(*) FROM tally_saga WHERE business_key LIKE 'timer-%' AND ended_at IS NULL");
    }

    private void requireCalledOff(Database database) throws SQLException {
        long different = database.number("SELECT COUNT(DISTINCT purchase_id) FROM bench_called_off");
        long all = database.count("bench_called_off");
        if (different != timers || all != timers) {
            throw new BenchmarkException("Of " + timers + " sagas whose time had come, " + different
                    + " were undone, with " + all + " effects");
        }
    }
}
