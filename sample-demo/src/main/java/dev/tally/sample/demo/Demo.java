package dev.tally.sample.demo;

import dev.tally.sample.demo.audit.Audit;
import dev.tally.sample.demo.audit.Evidence;
import dev.tally.sample.demo.audit.SagaEvidence;
import dev.tally.sample.demo.audit.ServiceReader;
import dev.tally.sample.demo.audit.ServiceReader.BrokerStatus;
import dev.tally.sample.demo.place.OrderClient;
import dev.tally.sample.demo.place.Placed;
import dev.tally.sample.demo.place.Placing;
import dev.tally.sample.demo.process.Child;
import dev.tally.sample.demo.process.ProcessFailedException;
import dev.tally.sample.demo.process.Site;
import dev.tally.sample.demo.time.Pacing;
import dev.tally.sample.demo.watch.Progress;
import dev.tally.sample.demo.workload.Workload;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import tools.jackson.databind.json.JsonMapper;

/** One run: start, place and kill, settle, audit. */
final class Demo {

    static final int INITIAL_STOCK = 1000;

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Duration BETWEEN_READINGS = Duration.ofSeconds(1);

    private final DemoOptions options;
    private final Stage stage;
    private final ServiceReader reader;
    private final OrderClient client;
    private final RandomGenerator random;
    private final Pacing pacing;
    private final Progress progress;

    Demo(
            DemoOptions options,
            Site site,
            Stage stage,
            HttpClient http,
            RandomGenerator random,
            Pacing pacing,
            Progress progress) {
        JsonMapper json = JsonMapper.shared();
        this.options = options;
        this.stage = stage;
        this.reader = new ServiceReader(site.orders(), site.stock(), site.brokerAdmin(), http, json);
        this.client = new OrderClient(site.orders(), http, json);
        this.random = random;
        this.pacing = pacing;
        this.progress = progress;
    }

    /** Runs; the stage goes on running afterwards. */
    Outcome run(Workload workload) throws DemoFailedException, InterruptedException {
        Instant begin = pacing.now();
        Placing placing = new Placing(client, pacing, workload.orders(), workload.cancellations());
        ExecutorService pool = Executors.newCachedThreadPool();
        int kills;
        try {
            progress.note("starting the broker and the two services");
            stage.start();
            progress.note("placing %,d orders".formatted(placing.total()));
            kills = placeAndKill(placing, pool);
            progress.note("waiting until all is settled");
            new Settling(reader, pacing, progress)
                    .await(placing.placed().accepted().size());
            return audit(workload, placing.placed(), kills, begin);
        } catch (ProcessFailedException failed) {
            throw new DemoFailedException(oneLine(failed), failed);
        } catch (IOException failed) {
            throw new DemoFailedException("Cannot read what the services show: " + oneLine(failed), failed);
        } finally {
            pool.shutdownNow();
        }
    }

    private int placeAndKill(Placing placing, ExecutorService pool) throws DemoFailedException, InterruptedException {
        List<Integer> moments = Kills.moments(random, placing.total());
        Future<Integer> kills = options.kill()
                ? pool.submit(new Kills(stage, placing, moments, pacing, progress))
                : CompletableFuture.completedFuture(0);
        Future<?> placed = pool.submit(() -> {
            placing.run(pool, options.threads());
            return null;
        });
        Instant nextReading = pacing.now();
        try {
            while (!(placed.isDone() && kills.isDone())) {
                progress.show("orders placed", placing.done(), placing.total(), pacing.now());
                if (kills.isDone()) {
                    kills.get();
                }
                if (!pacing.now().isBefore(nextReading)) {
                    stage.readMeters();
                    nextReading = pacing.now().plus(BETWEEN_READINGS);
                }
                pacing.pause(BETWEEN_LOOKS);
            }
            placed.get();
            return kills.get();
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            throw new DemoFailedException(oneLine(cause == null ? failed : cause), failed);
        }
    }

    private Outcome audit(Workload workload, Placed placed, int kills, Instant begin)
            throws IOException, InterruptedException {
        stage.readMeters();
        List<String> unexplained = new ArrayList<>();
        placed.unanswered().forEach(order -> unexplained.add("no answer for order " + order));
        placed.unexpected().forEach(order -> unexplained.add("unexpected answer for order " + order));
        BrokerStatus broker = reader.broker();
        Evidence evidence = new Evidence(
                placed.accepted(),
                unexplained,
                reader.orders(),
                reader.reservations(),
                reader.stock(),
                broker.undecided() + broker.parked(),
                INITIAL_STOCK,
                new SagaEvidence(reader.sagas(), reader.payments(), placed.cancelled()));
        return new Outcome(
                workload.leftOut(),
                placed,
                evidence,
                broker,
                consumed("tally_consume_handled_seconds_count"),
                consumed("tally_inbox_duplicates_total"),
                kills,
                Duration.between(begin, pacing.now()),
                Audit.of(evidence));
    }

    private long consumed(String meter) {
        return stage.orderMeters.atLeast(meter, "") + stage.stockMeters.atLeast(meter, "");
    }

    /** Addresses and process ids of what runs, for the reader. */
    static List<String> addresses(Site site, Stage stage) {
        List<String> lines = new ArrayList<>();
        lines.add("left running:");
        lines.add("  orders  " + site.orders() + "orders   meters " + site.orders() + "actuator/prometheus");
        lines.add("  stock   " + site.stock() + "stock    meters " + site.stock() + "actuator/prometheus");
        lines.add("  broker  " + site.brokerAdmin() + "status   clients 127.0.0.1:"
                + site.broker().ports().get(0));
        lines.add("stop it with: kill "
                + String.join(
                        " ",
                        stage.all().stream()
                                .map(Child::pid)
                                .map(String::valueOf)
                                .toList()));
        return lines;
    }

    private static String oneLine(Throwable failed) {
        String message = failed.getMessage() == null ? failed.toString() : failed.getMessage();
        return message.lines().findFirst().orElse(message);
    }
}
