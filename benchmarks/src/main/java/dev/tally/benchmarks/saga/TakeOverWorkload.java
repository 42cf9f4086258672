package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.shop.Role;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.time.Timing;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One of two orchestrators is killed; its sagas go on at the other one. All settings are their defaults. */
final class TakeOverWorkload {

    private static final int STARTERS = 8;

    /** So many of the sagas are carried through before, by each of both. */
    private static final int WARM_PART = 2;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final Duration ENDED_WITHIN = Duration.ofMinutes(5);

    private final long sagas;
    private final Timing timing;

    TakeOverWorkload(long sagas, Timing timing) {
        this.sagas = sagas;
        this.timing = timing;
    }

    // Participants are only there.
    @SuppressWarnings("try")
    List<Reading> run(Stage stage) throws Exception {
        Database database = stage.database();
        try (Shop participants = stage.shop(Role.PARTICIPANTS);
                Shop survivor = stage.shop(Role.ORCHESTRATOR);
                Shop victim = stage.shop(Role.ORCHESTRATOR)) {
            long warm = Math.max(1, sagas / WARM_PART);
            survivor.store(STARTERS, warm);
            victim.store(STARTERS, warm);
            awaitAllEnded(database);
            victim.store(STARTERS, sagas);
            long killed = timing.nanos();
            victim.kill();
            Progress progress = new Progress(open(database, victim));
            while (!progress.isOver()) {
                if (timing.since(killed).compareTo(ENDED_WITHIN) > 0) {
                    throw new BenchmarkException(
                            "Of the killed orchestrator's sagas, " + progress + " after " + ENDED_WITHIN);
                }
                timing.pause(LOOK_AGAIN);
                progress.look(open(database, victim), timing.since(killed));
            }
            return List.of(
                    new Reading(progress.size(), "sagas open at the kill"),
                    new Reading(seconds(progress.first()), "s to the first that went on"),
                    new Reading(seconds(progress.all()), "s until all went on"),
                    new Reading(seconds(progress.last()), "s until all had ended"),
                    new Reading(Books.doubleEffects(database, true), "double effects"));
        }
    }

    private void awaitAllEnded(Database database) throws SQLException, InterruptedException {
        long start = timing.nanos();
        for (long open = Books.open(database); open > 0; open = Books.open(database)) {
            if (timing.since(start).compareTo(ENDED_WITHIN) > 0) {
                throw new BenchmarkException(open + " purchases had not ended after " + ENDED_WITHIN);
            }
            timing.pause(LOOK_AGAIN);
        }
    }

    /** The version of each saga of a shop that has not ended. */
    private static Map<Long, Long> open(Database database, Shop shop) throws SQLException {
        Map<Long, Long> versions = new HashMap<>();
        database.numbers("SELECT CAST(business_key AS BIGINT), version FROM tally_saga"
                        + " WHERE ended_at IS NULL AND CAST(business_key AS BIGINT) >= " + shop.firstId())
                .forEach(row -> versions.put(row[0], row[1]));
        return versions;
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    /** When sagas went on, looked at from outside again and again. */
    static final class Progress {

        private final Map<Long, Long> atFirst;
        private Map<Long, Long> still;
        private Duration first = Duration.ZERO;
        private Duration all = Duration.ZERO;
        private Duration last = Duration.ZERO;
        private boolean over;

        /** With the versions of those that are open. */
        Progress(Map<Long, Long> open) {
            this.atFirst = Map.copyOf(open);
            this.still = atFirst;
            this.over = open.isEmpty();
        }

        /** What is open so long after the kill. */
        void look(Map<Long, Long> open, Duration after) {
            Map<Long, Long> waiting = new HashMap<>(still);
            waiting.entrySet().removeIf(entry -> !entry.getValue().equals(open.get(entry.getKey())));
            if (still.size() == atFirst.size() && waiting.size() < atFirst.size()) {
                first = after;
            }
            if (waiting.isEmpty() && !still.isEmpty()) {
                all = after;
            }
            still = waiting;
            if (open.isEmpty() && !over) {
                last = after;
                over = true;
            }
        }

        int size() {
            return atFirst.size();
        }

        Duration first() {
            return first;
        }

        Duration all() {
            return all;
        }

        Duration last() {
            return last;
        }

        boolean isOver() {
            return over;
        }

        @Override
        public String toString() {
            return still.size() + " of " + size() + " had not gone on";
        }
    }
}
