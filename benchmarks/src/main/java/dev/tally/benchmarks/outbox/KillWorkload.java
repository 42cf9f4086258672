package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The service is killed while it publishes, and started again; the rows that are there say what had to be delivered. */
final class KillWorkload {

    private static final int THREADS = 8;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(2);

    private final Settings settings;
    private final Timing timing;

    KillWorkload(Settings settings, Timing timing) {
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        Path ofVictim = stage.deliveries("victim");
        Path ofSuccessor = stage.deliveries("successor");
        try (Publisher victim = stage.publisher(ofVictim)) {
            victim.open();
            victim.relay(0);
            long warm = PublishWorkload.warmUp(victim, settings);
            victim.awaitAll(warm);
            victim.flood(THREADS);
            timing.pause(settings.window());
            victim.kill();
        }
        try (Publisher successor = stage.publisher(ofSuccessor)) {
            successor.open();
            Set<Long> committed = committed(stage);
            long left = Journal.read(List.of(ofVictim)).missing(committed);
            long started = successor.relay(0);
            long start = timing.nanos();
            Journal journal = Journal.read(List.of(ofVictim, ofSuccessor));
            while (journal.missing(committed) > 0 && timing.since(start).compareTo(GIVE_UP_AFTER) < 0) {
                timing.pause(LOOK_AGAIN);
                journal = Journal.read(List.of(ofVictim, ofSuccessor));
            }
            return List.of(
                    new Reading(journal.missing(committed), "lost"),
                    new Reading(journal.duplicates(), "duplicates"),
                    new Reading(journal.strangers(committed), "never committed"),
                    new Reading(left, "undelivered at the kill"),
                    new Reading(Math.max(0, journal.lastNanos() - started) / 1e9, "s to all delivered"));
        }
    }

    private static Set<Long> committed(Stage stage) throws Exception {
        Set<Long> ids = new HashSet<>();
        stage.database().numbers("SELECT order_id FROM bench_order").forEach(row -> ids.add(row[0]));
        return ids;
    }
}
