package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.stage.ServiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A running process of the service. */
final class Publisher implements AutoCloseable {

    /** Orders of one {@code store} command: it has to be answered in time. */
    private static final long SLICE = 50_000;

    private static final Duration AWAIT = Duration.ofSeconds(30);
    private static final Duration NOTHING_NEW_FOR = Duration.ofSeconds(90);
    private static final int THREADS = 8;
    private static final int TOGETHER = 50;

    private final ServiceProcess process;

    Publisher(ServiceProcess process) {
        this.process = process;
    }

    long pid() {
        return process.pid();
    }

    /** Builds the service; its relay is off. Deliveries count from here on. */
    void open() throws IOException, InterruptedException {
        var unused = process.ask("open", Pattern.compile("(opened)"));
    }

    /** Ends the service, not the process. */
    void end() throws IOException, InterruptedException {
        var unused = process.ask("close", Pattern.compile("(closed)"));
    }

    /** Starts the relay; answers when. */
    long relay(long expected) throws IOException, InterruptedException {
        return ask("relay " + expected, "relays")[0];
    }

    /**
     * What threads did in a window.
     *
     * @param all transactions of warm-up and window together
     * @param delivered in the window
     */
    record Load(long count, Duration window, double millisAtHalf, double millisAt99, long all, long delivered) {

        double perSecond() {
            return count * 1e9 / window.toNanos();
        }

        double deliveredPerSecond() {
            return delivered * 1e9 / window.toNanos();
        }
    }

    Load load(int threads, Duration warmUp, Duration window) throws IOException, InterruptedException {
        long[] numbers = ask("load " + threads + " " + warmUp.toMillis() + " " + window.toMillis(), "loaded");
        return new Load(
                numbers[0], Duration.ofNanos(numbers[1]), numbers[2] / 1e6, numbers[3] / 1e6, numbers[4], numbers[5]);
    }

    /** Orders by so many threads until the process ends. */
    void flood(int threads) throws IOException, InterruptedException {
        var unused = process.ask("flood " + threads, Pattern.compile("(floods)"));
    }

    /** So many orders, each in a transaction of its own. */
    void run(long count) throws IOException, InterruptedException {
        store(count, 1);
    }

    /** So many orders, many in one transaction. */
    void store(long count) throws IOException, InterruptedException {
        store(count, TOGETHER);
    }

    private void store(long count, int together) throws IOException, InterruptedException {
        for (long left = count; left > 0; left -= SLICE) {
            var unused = ask("store " + THREADS + " " + Math.min(SLICE, left) + " " + together, "stored");
        }
    }

    /** From commit to delivery. */
    record Pace(long count, double millisAtHalf, double millisAt99) {}

    Pace pace(int rate, Duration time) throws IOException, InterruptedException {
        long[] numbers = ask("pace " + rate + " " + time.toMillis(), "paced");
        return new Pace(numbers[0], numbers[1] / 1e6, numbers[2] / 1e6);
    }

    /**
     * What has arrived since the service was opened.
     *
     * @param distinct different orders
     * @param duplicates arrivals beyond the first of an order
     */
    record Delivered(long distinct, long duplicates, long firstNanos, long lastNanos) {}

    /** What has arrived so far. */
    Delivered delivered() throws IOException, InterruptedException {
        return await(0, Duration.ZERO);
    }

    private Delivered await(long count, Duration within) throws IOException, InterruptedException {
        long[] numbers = ask("await " + count + " " + within.toMillis(), "awaited");
        return new Delivered(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /**
     * Waits until so many different orders have arrived.
     *
     * @throws BenchmarkException when nothing new arrives any more and some are missing
     */
    Delivered awaitAll(long count) throws IOException, InterruptedException {
        Delivered delivered = await(count, AWAIT);
        long before = 0;
        Duration nothingNew = Duration.ZERO;
        while (delivered.distinct() < count) {
            nothingNew = delivered.distinct() > before ? Duration.ZERO : nothingNew.plus(AWAIT);
            if (nothingNew.compareTo(NOTHING_NEW_FOR) >= 0) {
                throw new BenchmarkException("Of " + count + " orders, " + (count - delivered.distinct())
                        + " have not arrived, and nothing new for " + nothingNew);
            }
            before = delivered.distinct();
            delivered = await(count, AWAIT);
        }
        if (delivered.distinct() > count) {
            throw new BenchmarkException(delivered.distinct() + " different orders arrived, of " + count);
        }
        return delivered;
    }

    /** When each tenth of what was expected had arrived. */
    long[] tenths() throws IOException, InterruptedException {
        return ask("tenths", "tenths");
    }

    /** Statements that the service had executed. */
    long statements() throws IOException, InterruptedException {
        return ask("statements", "statements")[0];
    }

    private long[] ask(String question, String answer) throws IOException, InterruptedException {
        String numbers = process.ask(question, Pattern.compile(answer + " (.*)"));
        return Arrays.stream(numbers.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
