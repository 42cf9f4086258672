package dev.tally.benchmarks.shop;

import dev.tally.benchmarks.client.SendLoad;
import dev.tally.benchmarks.client.Threads;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What the shop can be told to do; each command is one line, and so is its answer.
 *
 * <pre>
 * flood THREADS OPEN WARM_MS WINDOW_MS   purchases as fast as they end       flooded ENDED NANOS P50_NANOS P99_NANOS BEGUN
 * pace RATE                              purchases at a rate, from now on    paces
 * rest                                   ends that; waits for all            rested COUNT P50_NANOS P99_NANOS NANOS
 * store THREADS COUNT                    begins purchases, waits for none    stored COUNT
 * wait DEFINITION                        starts a saga that waits            waits SAGA_ID
 * statements                             how many were executed              statements EXECUTED CALLS OF_SAGAS
 * </pre>
 *
 * Purchases are waited for where they end in the process that began them. Nanos are {@link Timing#nanos()}.
 */
final class ShopCommands implements AutoCloseable {

    private static final double MEDIAN = 50;
    private static final double WORST_IN_A_HUNDRED = 99;

    private final AtomicLong nextId;
    private final Timing timing;
    private final ShopSession session;
    private @Nullable Pace pace;

    ShopCommands(Style style, Role role, long firstId, List<String> properties, Timing timing) {
        this.nextId = new AtomicLong(firstId);
        this.timing = timing;
        this.session = ShopSession.open(style, role, properties, timing);
    }

    String run(String line) throws Exception {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "flood" ->
                flood(Integer.parseInt(words[1]), Long.parseLong(words[2]), millis(words[3]), millis(words[4]));
            case "pace" -> {
                session.progress().forgetLatencies();
                pace = Pace.start(Integer.parseInt(words[1]), this::begin, timing);
                yield "paces";
            }
            case "rest" -> rest();
            case "store" -> store(Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "wait" -> "waits " + session.start(words[1], Purchase.of(nextId.getAndIncrement()));
            case "statements" ->
                "statements "
                        + numbers(
                                session.statements().executed(),
                                session.statements().calls(""),
                                session.statements().calls("tally_saga"));
            default -> throw new BenchmarkException("There is no command " + line);
        };
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }

    private static String numbers(long... numbers) {
        return String.join(" ", LongStream.of(numbers).mapToObj(Long::toString).toList());
    }

    private void begin() {
        session.begin(Purchase.of(nextId.getAndIncrement()));
    }

    private String flood(int threads, long open, Duration warmUp, Duration window) throws Exception {
        Progress progress = session.progress();
        long begunBefore = progress.begun();
        Window ends = new Window(progress);
        SendLoad.Result result = new SendLoad(
                        threads,
                        () -> {
                            progress.awaitOpen(open);
                            begin();
                        },
                        timing)
                .run(warmUp, window, ends);
        progress.awaitOpen(0);
        return "flooded "
                + numbers(
                        ends.count(),
                        result.window().toNanos(),
                        ends.latencies().getValueAtPercentile(MEDIAN),
                        ends.latencies().getValueAtPercentile(WORST_IN_A_HUNDRED),
                        progress.begun() - begunBefore);
    }

    /** What ended in a window. */
    private static final class Window implements SendLoad.Watcher {

        private final Progress progress;
        private Histogram latencies;
        private long before;
        private long after;

        Window(Progress progress) {
            this.progress = progress;
            this.latencies = progress.latencies();
        }

        @Override
        public void begins() {
            progress.forgetLatencies();
            before = progress.ended();
        }

        @Override
        public void ends() {
            after = progress.ended();
            latencies = progress.latencies().copy();
        }

        long count() {
            return after - before;
        }

        Histogram latencies() {
            return latencies;
        }
    }

    private String rest() throws Exception {
        if (pace == null) {
            throw new BenchmarkException("There is no pace to rest from");
        }
        Duration took = pace.stop();
        pace = null;
        Progress progress = session.progress();
        progress.awaitOpen(0);
        Histogram latencies = progress.latencies();
        return "rested "
                + numbers(
                        latencies.getTotalCount(),
                        latencies.getValueAtPercentile(MEDIAN),
                        latencies.getValueAtPercentile(WORST_IN_A_HUNDRED),
                        took.toNanos());
    }

    private String store(int threads, long count) throws Exception {
        AtomicLong left = new AtomicLong(count);
        Threads.run(threads, () -> {
            while (left.getAndDecrement() > 0) {
                begin();
            }
            return count;
        });
        return "stored " + count;
    }

    @Override
    public void close() {
        session.close();
    }
}
