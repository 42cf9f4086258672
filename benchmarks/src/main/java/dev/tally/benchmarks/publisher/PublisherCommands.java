package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.client.SendLoad;
import dev.tally.benchmarks.client.Threads;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * What the service can be told to do; each command is one line, and so is its answer.
 *
 * <pre>
 * open                              builds the service, relay off     opened
 * relay COUNT                       starts the relay; notes tenths    relays NANOS
 * load THREADS WARM_MS WINDOW_MS    orders as fast as it goes         loaded COUNT NANOS P50_NANOS P99_NANOS ALL DELIVERED
 * flood THREADS                     orders until the process ends     floods
 * store THREADS COUNT BATCH         orders, BATCH in a transaction    stored COUNT
 * pace RATE MILLIS                  orders at a rate                  paced COUNT P50_NANOS P99_NANOS
 * await COUNT MILLIS                waits for deliveries              awaited DISTINCT DUPLICATES FIRST_NANOS LAST_NANOS
 * tenths                            when each tenth was delivered     tenths NANOS ...
 * statements                        how many were executed            statements COUNT
 * close                             ends the service                  closed
 * </pre>
 *
 * Nanos are {@link Timing#nanos()}. Deliveries, and what was counted, are those since {@code open}.
 */
final class PublisherCommands implements AutoCloseable {

    /** Keys that orders have in turns. */
    static final int CUSTOMERS = 1000;

    private static final int PACE_THREADS = 8;
    private static final double MEDIAN = 50;
    private static final double WORST_IN_A_HUNDRED = 99;
    private static final int DIGITS = 3;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
    private static final Duration ARRIVES_WITHIN = Duration.ofMinutes(2);

    private final Kind kind;
    private final AtomicLong nextId;
    private final Optional<Path> logFile;
    private final List<String> properties;
    private final Timing timing;
    private @Nullable Session session;

    /** With the file of deliveries, or {@code none}. */
    PublisherCommands(Kind kind, long firstId, String logFile, List<String> properties, Timing timing) {
        this.kind = kind;
        this.nextId = new AtomicLong(firstId);
        this.logFile = logFile.equals("none") ? Optional.empty() : Optional.of(Path.of(logFile));
        this.properties = properties;
        this.timing = timing;
    }

    String run(String line) throws Exception {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "open" -> open();
            case "relay" -> relay(Long.parseLong(words[1]));
            case "load" -> load(Integer.parseInt(words[1]), millis(words[2]), millis(words[3]));
            case "flood" -> flood(Integer.parseInt(words[1]));
            case "store" -> store(Integer.parseInt(words[1]), Long.parseLong(words[2]), Integer.parseInt(words[3]));
            case "pace" -> pace(Integer.parseInt(words[1]), millis(words[2]));
            case "await" -> await(Long.parseLong(words[1]), millis(words[2]));
            case "tenths" ->
                String.join(
                        " ",
                        "tenths",
                        numbers(LongStream.of(session().deliveries().tenths())));
            case "statements" -> "statements " + session().statements().executed();
            case "close" -> {
                close();
                yield "closed";
            }
            default -> throw new BenchmarkException("There is no command " + line);
        };
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }

    private static String numbers(LongStream numbers) {
        return String.join(" ", numbers.mapToObj(Long::toString).toList());
    }

    private Session session() {
        if (session == null) {
            throw new BenchmarkException("The service is not open");
        }
        return session;
    }

    private Order nextOrder() {
        long orderId = nextId.getAndIncrement();
        return Order.of(orderId, (int) (orderId % CUSTOMERS));
    }

    private String open() throws IOException {
        close();
        session = Session.open(kind, properties, logFile, timing);
        return "opened";
    }

    private String relay(long count) {
        if (count > 0) {
            session().deliveries().expect(count);
        }
        Relay relay = session().relay();
        long start = timing.nanos();
        relay.start();
        return "relays " + start;
    }

    private String load(int threads, Duration warmUp, Duration window) throws Exception {
        Orders orders = session().orders();
        Window deliveries = new Window(session().deliveries());
        SendLoad.Result result =
                new SendLoad(threads, () -> orders.place(nextOrder()), timing).run(warmUp, window, deliveries);
        return "loaded "
                + numbers(LongStream.of(
                        result.count(),
                        result.window().toNanos(),
                        result.latencies().getValueAtPercentile(MEDIAN),
                        result.latencies().getValueAtPercentile(WORST_IN_A_HUNDRED),
                        result.acknowledgedInAll(),
                        deliveries.count()));
    }

    /** What was delivered in a window. */
    private static final class Window implements SendLoad.Watcher {

        private final Deliveries deliveries;
        private long before;
        private long after;

        Window(Deliveries deliveries) {
            this.deliveries = deliveries;
        }

        @Override
        public void begins() {
            before = deliveries.distinct();
        }

        @Override
        public void ends() {
            after = deliveries.distinct();
        }

        long count() {
            return after - before;
        }
    }

    private String flood(int threads) {
        Orders orders = session().orders();
        for (int i = 0; i < threads; i++) {
            Thread thread = new Thread(
                    () -> {
                        while (true) {
                            orders.place(nextOrder());
                        }
                    },
                    "flood-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        return "floods";
    }

    private String store(int threads, long count, int batch) throws Exception {
        Orders orders = session().orders();
        AtomicLong left = new AtomicLong(count);
        Threads.run(threads, () -> {
            for (long size = Math.min(batch, left.getAndAdd(-batch));
                    size > 0;
                    size = Math.min(batch, left.getAndAdd(-batch))) {
                List<Order> together = new ArrayList<>();
                for (int i = 0; i < size; i++) {
                    together.add(nextOrder());
                }
                orders.placeAll(together);
            }
            return count;
        });
        return "stored " + count;
    }

    private String pace(int rate, Duration time) throws Exception {
        Orders orders = session().orders();
        Commits commits = session().commits();
        Deliveries deliveries = session().deliveries();
        long before = deliveries.distinct();
        long count = rate * time.toMillis() / Duration.ofSeconds(1).toMillis();
        AtomicLong tickets = new AtomicLong();
        commits.watch(true);
        long start = timing.nanos();
        Threads.run(PACE_THREADS, () -> {
            for (long ticket = tickets.getAndIncrement(); ticket < count; ticket = tickets.getAndIncrement()) {
                Duration due = Duration.ofSeconds(1).multipliedBy(ticket).dividedBy(rate);
                Duration early = due.minus(timing.since(start));
                if (!early.isNegative()) {
                    timing.pause(early);
                }
                orders.place(nextOrder());
            }
            return count;
        });
        Map<Long, Long> committed = commits.nanosByOrder();
        commits.watch(false);
        awaitDistinct(before + count, ARRIVES_WITHIN);
        Histogram latencies = new Histogram(DIGITS);
        committed.forEach((orderId, nanos) -> {
            long arrived = deliveries.nanosOf(orderId);
            if (arrived == 0) {
                throw new BenchmarkException("Order " + orderId + " was committed and has not arrived");
            }
            latencies.recordValue(Math.max(0, arrived - nanos));
        });
        return "paced "
                + numbers(LongStream.of(
                        latencies.getTotalCount(),
                        latencies.getValueAtPercentile(MEDIAN),
                        latencies.getValueAtPercentile(WORST_IN_A_HUNDRED)));
    }

    private String await(long count, Duration within) throws InterruptedException {
        awaitDistinct(count, within);
        Deliveries deliveries = session().deliveries();
        return "awaited "
                + numbers(LongStream.of(
                        deliveries.distinct(),
                        deliveries.duplicates(),
                        deliveries.firstNanos(),
                        deliveries.lastNanos()));
    }

    private void awaitDistinct(long count, Duration within) throws InterruptedException {
        Deliveries deliveries = session().deliveries();
        long start = timing.nanos();
        while (deliveries.distinct() < count && timing.since(start).compareTo(within) < 0) {
            timing.pause(LOOK_AGAIN);
        }
    }

    @Override
    public void close() throws IOException {
        if (session != null) {
            session.close();
            session = null;
        }
    }
}
