package dev.tally.benchmarks.consume;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.stage.ServiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A running process of the service. */
final class Consumer implements AutoCloseable {

    private static final Duration AWAIT = Duration.ofSeconds(30);
    private static final Duration NOTHING_NEW_FOR = Duration.ofSeconds(90);

    private final ServiceProcess process;

    Consumer(ServiceProcess process) {
        this.process = process;
    }

    long pid() {
        return process.pid();
    }

    /** Builds the service; nothing is consumed, and what is counted counts from here on. */
    void open(String topic) throws IOException, InterruptedException {
        var unused = process.ask("open " + topic, Pattern.compile("(opened)"));
    }

    /** Begins to consume. */
    void start() throws IOException, InterruptedException {
        var unused = process.ask("start", Pattern.compile("(started)"));
    }

    /** Ends the service, not the process. */
    void end() throws IOException, InterruptedException {
        var unused = process.ask("close", Pattern.compile("(closed)"));
    }

    /**
     * What has become of messages since the service was opened.
     *
     * @param effects messages that took effect
     * @param duplicates messages that were known already
     * @param failures transactions that were rolled back
     */
    record Settled(long effects, long duplicates, long failures, long firstNanos, long lastNanos) {

        long all() {
            return effects + duplicates;
        }

        double perSecond() {
            return (all() - 1) * 1e9 / Math.max(1, lastNanos - firstNanos);
        }
    }

    /**
     * Waits until so many messages have come to an end.
     *
     * @throws BenchmarkException when nothing new does any more and some are missing
     */
    Settled awaitAll(long count) throws IOException, InterruptedException {
        Settled settled = await(count);
        long before = 0;
        Duration nothingNew = Duration.ZERO;
        while (settled.all() < count) {
            nothingNew = settled.all() > before ? Duration.ZERO : nothingNew.plus(AWAIT);
            if (nothingNew.compareTo(NOTHING_NEW_FOR) >= 0) {
                throw new BenchmarkException("Of " + count + " messages, " + (count - settled.all())
                        + " were not handled, nothing new for " + nothingNew + ", and " + settled.failures()
                        + " transactions were rolled back");
            }
            before = settled.all();
            settled = await(count);
        }
        return settled;
    }

    private Settled await(long count) throws IOException, InterruptedException {
        long[] numbers = ask("await " + count + " " + AWAIT.toMillis(), "awaited");
        return new Settled(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    /** How long transactions took in which something was handled. */
    record Handling(long transactions, long messages, double millisAtHalf, double millisAt99) {}

    Handling handling() throws IOException, InterruptedException {
        long[] numbers = ask("handling", "handling");
        return new Handling(numbers[0], numbers[1], numbers[2] / 1e6, numbers[3] / 1e6);
    }

    private long[] ask(String question, String answer) throws IOException, InterruptedException {
        String numbers = process.ask(question, Pattern.compile(answer + " (.*)"));
        return Arrays.stream(numbers.split(" ", -1)).mapToLong(Long::parseLong).toArray();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
