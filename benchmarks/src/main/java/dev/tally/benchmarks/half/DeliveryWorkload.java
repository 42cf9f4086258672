package dev.tally.benchmarks.half;

import dev.tally.benchmarks.figure.Reading;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** How soon after its commit an order arrives at a consumer in another process, at a moderate rate. */
final class DeliveryWorkload {

    private static final Duration ARRIVES_WITHIN = Duration.ofMinutes(1);
    private static final int WARM_THREADS = 8;
    private static final int WARM_TRANSACTIONS = 1000;
    private static final int DIGITS = 3;
    private static final double HALF = 50;
    private static final double WORST_IN_A_HUNDRED = 99;

    private final int rate;
    private final Settings settings;
    private final Timing timing;

    DeliveryWorkload(int rate, Settings settings, Timing timing) {
        this.rate = rate;
        this.settings = settings;
        this.timing = timing;
    }

    List<Reading> run(Stage stage) throws Exception {
        Arrivals arrivals = Arrivals.of(stage.broker().clients(), timing);
        try (Application application = stage.patientApplication()) {
            application.run(WARM_THREADS, WARM_TRANSACTIONS * settings.warmUp().toSeconds());
            Map<Long, Long> warm = paced(application, stage.directory().resolve("warm-up"), settings.warmUp());
            arrivals.await(warm.keySet(), ARRIVES_WITHIN);
            Map<Long, Long> commits = paced(application, stage.directory().resolve("commits"), settings.window());
            arrivals.await(commits.keySet(), ARRIVES_WITHIN);
            Histogram latencies = new Histogram(DIGITS);
            // The clock is the machine's: the same for both processes.
            commits.forEach(
                    (orderId, committed) -> latencies.recordValue(Math.max(0, arrivals.nanos(orderId) - committed)));
            return List.of(
                    new Reading(latencies.getValueAtPercentile(HALF) / 1e6, "ms p50"),
                    new Reading(latencies.getValueAtPercentile(WORST_IN_A_HUNDRED) / 1e6, "ms p99"));
        }
    }

    /** Times of commits by order. */
    private Map<Long, Long> paced(Application application, Path file, Duration time) throws Exception {
        long count = application.pace(rate, time, file);
        Map<Long, Long> commits = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            int space = line.indexOf(' ');
            commits.put(Long.parseLong(line.substring(0, space)), Long.parseLong(line.substring(space + 1)));
        }
        if (commits.size() != count) {
            throw new IllegalStateException(
                    "The service committed " + count + " orders and wrote down " + commits.size());
        }
        return commits;
    }
}
