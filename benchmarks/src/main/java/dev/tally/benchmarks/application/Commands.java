package dev.tally.benchmarks.application;

import dev.tally.benchmarks.client.SendLoad;
import dev.tally.benchmarks.client.Threads;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the service can be told to do; each command is one line, and so is its answer.
 *
 * <pre>
 * load THREADS WARM_UP_MILLIS WINDOW_MILLIS  orders as fast as it goes   loaded COUNT NANOS P50_NANOS P99_NANOS ALL
 * run THREADS COUNT                          so many orders              ran COUNT
 * rows THREADS COUNT                         so many rows, unpublished   ran COUNT
 * pace RATE MILLIS FILE                      orders at a rate            paced COUNT
 * hang COUNT                                 orders whose commit nobody  hanging FIRST_ID LAST_ID
 *                                            is told of
 * </pre>
 *
 * {@code pace} writes a line with id and {@link Timing#nanos()} of each commit to the file.
 */
final class Commands {

    private static final int PACE_THREADS = 8;
    private static final double MEDIAN = 50;
    private static final double WORST_IN_A_HUNDRED = 99;
    private static final Duration HANGS_WITHIN = Duration.ofMinutes(1);
    private static final SendLoad.Watcher NOBODY = new SendLoad.Watcher() {
        @Override
        public void begins() {
            // nothing is read
        }

        @Override
        public void ends() {
            // nothing is read
        }
    };

    private final Orders orders;
    private final Orders rows;
    private final CommitHook hook;
    private final AtomicLong nextId;
    private final Timing timing;

    Commands(Orders orders, Orders rows, CommitHook hook, long firstId, Timing timing) {
        this.orders = orders;
        this.rows = rows;
        this.hook = hook;
        this.nextId = new AtomicLong(firstId);
        this.timing = timing;
    }

    String run(String line) throws Exception {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "load" -> load(Integer.parseInt(words[1]), millis(words[2]), millis(words[3]));
            case "run" -> run(orders, Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "rows" -> run(rows, Integer.parseInt(words[1]), Long.parseLong(words[2]));
            case "pace" -> pace(Integer.parseInt(words[1]), millis(words[2]), Path.of(words[3]));
            case "hang" -> hang(Integer.parseInt(words[1]));
            default -> throw new BenchmarkException("There is no command " + line);
        };
    }

    private static Duration millis(String text) {
        return Duration.ofMillis(Long.parseLong(text));
    }

    private void place(Orders how) {
        Order placed = how.place(nextId.getAndIncrement());
        if (placed.orderId() < Order.FIRST_ID) {
            throw new BenchmarkException("The order that was placed came back as " + placed);
        }
    }

    private String load(int threads, Duration warmUp, Duration window) throws Exception {
        SendLoad.Result result = new SendLoad(threads, () -> place(orders), timing).run(warmUp, window, NOBODY);
        return String.join(
                " ",
                "loaded",
                Long.toString(result.count()),
                Long.toString(result.window().toNanos()),
                Long.toString(result.latencies().getValueAtPercentile(MEDIAN)),
                Long.toString(result.latencies().getValueAtPercentile(WORST_IN_A_HUNDRED)),
                Long.toString(result.acknowledgedInAll()));
    }

    private String run(Orders how, int threads, long count) throws Exception {
        AtomicLong left = new AtomicLong(count);
        Threads.run(threads, () -> {
            while (left.getAndDecrement() > 0) {
                place(how);
            }
            return count;
        });
        return "ran " + count;
    }

    private String pace(int rate, Duration time, Path file) throws Exception {
        Map<Long, Long> commits = new ConcurrentHashMap<>();
        long count = rate * time.toMillis() / Duration.ofSeconds(1).toMillis();
        long start = timing.nanos();
        AtomicLong tickets = new AtomicLong();
        hook.set(orderId -> commits.put(orderId, timing.nanos()));
        Threads.run(PACE_THREADS, () -> {
            for (long ticket = tickets.getAndIncrement(); ticket < count; ticket = tickets.getAndIncrement()) {
                Duration due = Duration.ofSeconds(1).multipliedBy(ticket).dividedBy(rate);
                Duration early = due.minus(timing.since(start));
                if (!early.isNegative()) {
                    timing.pause(early);
                }
                place(orders);
            }
            return count;
        });
        hook.clear();
        Files.write(
                file,
                commits.entrySet().stream()
                        .map(commit -> commit.getKey() + " " + commit.getValue())
                        .toList());
        return "paced " + commits.size();
    }

    private String hang(int count) throws InterruptedException {
        CountDownLatch committed = new CountDownLatch(count);
        Semaphore never = new Semaphore(0);
        hook.set(orderId -> {
            committed.countDown();
            never.acquireUninterruptibly();
        });
        long first = nextId.get();
        for (int i = 0; i < count; i++) {
            Thread thread = new Thread(() -> place(orders), "hang-" + i);
            thread.setDaemon(true);
            thread.start();
        }
        if (!committed.await(HANGS_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
            throw new BenchmarkException("Of " + count + " transactions, " + committed.getCount()
                    + " had not committed after " + HANGS_WITHIN);
        }
        return "hanging " + first + " " + (first + count - 1);
    }
}
