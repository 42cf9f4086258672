package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Several nodes of the service on one database, each with two threads that place orders of the same thousand customers.
 * A customer's row is locked until the commit, so that the database knows in which order transactions took effect.
 */
final class NodesWorkload {

    private static final int THREADS = 2;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final Duration GIVE_UP_AFTER = Duration.ofMinutes(2);
    private static final String CUSTOMERS =
            "CREATE TABLE bench_customer (customer VARCHAR(50) PRIMARY KEY, orders BIGINT NOT NULL)"
                    + " WITH (fillfactor = 50)";
    private static final String FILL = "INSERT INTO bench_customer (customer, orders)"
            + " SELECT 'customer-' || lpad(CAST(number AS TEXT), 4, '0'), 0 FROM generate_series(0, 999) AS number";
    private static final String PLACED =
            "SELECT order_id, CAST(right(customer, 4) AS BIGINT), cents FROM bench_order ORDER BY order_id";

    private final int nodes;
    private final Settings settings;
    private final Timing timing;

    NodesWorkload(int nodes, Settings settings, Timing timing) {
        this.nodes = nodes;
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        stage.database().execute(CUSTOMERS);
        stage.database().execute(FILL);
        List<Publisher> all = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        try {
            for (int node = 1; node <= nodes; node++) {
                files.add(stage.deliveries("node-" + node));
                all.add(stage.publisher(
                        files.get(node - 1),
                        "--tally.outbox.instance=bench-" + node,
                        "--bench.numbered=true",
                        "--bench.confirm-after=20ms",
                        "--spring.datasource.hikari.maximum-pool-size=8",
                        "--spring.datasource.hikari.minimum-idle=8"));
            }
            return run(stage, all, files);
        } finally {
            for (Publisher publisher : all) {
                publisher.close();
            }
        }
    }

    private List<Reading> run(Stage stage, List<Publisher> all, List<Path> files) throws Exception {
        for (Publisher publisher : all) {
            publisher.open();
            publisher.relay(0);
        }
        List<Publisher.Load> loads = onAll(
                all, publisher -> publisher.load(THREADS, settings.warmUp().multipliedBy(2), settings.window()));
        long ended = timing.nanos();
        Map<Long, Journal.Place> placed = new HashMap<>();
        stage.database().numbers(PLACED).forEach(row -> placed.put(row[0], new Journal.Place(row[1], row[2])));
        Journal journal = Journal.read(files);
        while (journal.missing(placed.keySet()) > 0 && timing.since(ended).compareTo(GIVE_UP_AFTER) < 0) {
            timing.pause(LOOK_AGAIN);
            journal = Journal.read(files);
        }
        if (journal.missing(placed.keySet()) > 0) {
            throw new BenchmarkException("Of " + placed.size() + " orders, " + journal.missing(placed.keySet())
                    + " had not arrived after " + GIVE_UP_AFTER);
        }
        return List.of(
                new Reading(
                        loads.stream().mapToDouble(Publisher.Load::perSecond).sum(), "tx/s"),
                new Reading(
                        loads.stream()
                                .mapToDouble(Publisher.Load::deliveredPerSecond)
                                .sum(),
                        "delivered/s"),
                new Reading(journal.violations(placed), "order violations"),
                new Reading(journal.duplicates(), "duplicates"),
                new Reading(Math.max(0, journal.lastNanos() - ended) / 1e9, "s to all delivered"));
    }

    /** What is done with a node. */
    private interface OnNode {
        Publisher.Load run(Publisher publisher) throws Exception;
    }

    private static List<Publisher.Load> onAll(List<Publisher> all, OnNode task)
            throws InterruptedException, ExecutionException {
        ExecutorService executor = Executors.newFixedThreadPool(all.size());
        try {
            List<Callable<Publisher.Load>> tasks = new ArrayList<>();
            all.forEach(publisher -> tasks.add(() -> task.run(publisher)));
            List<Publisher.Load> loads = new ArrayList<>();
            for (Future<Publisher.Load> load : executor.invokeAll(tasks)) {
                loads.add(load.get());
            }
            return loads;
        } finally {
            executor.shutdownNow();
        }
    }
}
