package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.stage.ServiceProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;

/** A running process of the shop. */
final class Shop implements AutoCloseable {

    private final ServiceProcess process;
    private final long firstId;

    Shop(ServiceProcess process, long firstId) {
        this.process = process;
        this.firstId = firstId;
    }

    long pid() {
        return process.pid();
    }

    /** The lowest id of its purchases. */
    long firstId() {
        return firstId;
    }

    /**
     * Purchases as fast as they end.
     *
     * @param ended in the window
     * @param begun before, in and after it; all of them have ended
     */
    record Flood(long ended, Duration window, double millisAtHalf, double millisAt99, long begun) {

        double perSecond() {
            return ended * 1e9 / window.toNanos();
        }
    }

    /** Begins purchases in so many threads as long as no more than so many are open; waits for all. */
    Flood flood(int threads, int open, Duration warmUp, Duration window) throws IOException, InterruptedException {
        long[] numbers =
                ask("flood " + threads + " " + open + " " + warmUp.toMillis() + " " + window.toMillis(), "flooded");
        return new Flood(numbers[0], Duration.ofNanos(numbers[1]), numbers[2] / 1e6, numbers[3] / 1e6, numbers[4]);
    }

    /** Begins purchases at a rate from now on. */
    void pace(int perSecond) throws IOException, InterruptedException {
        var unused = process.ask("pace " + perSecond, Pattern.compile("(paces)"));
    }

    /** Purchases at a rate. */
    record Pace(long count, double millisAtHalf, double millisAt99, Duration time) {

        double perSecond() {
            return count * 1e9 / time.toNanos();
        }
    }

    /** Ends that, and waits for all. */
    Pace rest() throws IOException, InterruptedException {
        long[] numbers = ask("rest", "rested");
        return new Pace(numbers[0], numbers[1] / 1e6, numbers[2] / 1e6, Duration.ofNanos(numbers[3]));
    }

    /** Begins purchases as fast as it goes, and waits for none. */
    void store(int threads, long count) throws IOException, InterruptedException {
        var unused = process.ask("store " + threads + " " + count, Pattern.compile("stored (.*)"));
    }

    /** Starts a saga that waits; answers its id. */
    String startWaiting(String definition) throws IOException, InterruptedException {
        return process.ask("wait " + definition, Pattern.compile("waits (.*)"));
    }

    /**
     * What its process had the database execute.
     *
     * @param executed each element of a batch by itself
     * @param calls a batch is one
     * @param ofSagas those calls that name tables of sagas
     */
    record Statements(long executed, long calls, long ofSagas) {

        Statements since(Statements before) {
            return new Statements(executed - before.executed, calls - before.calls, ofSagas - before.ofSagas);
        }
    }

    Statements statements() throws IOException, InterruptedException {
        long[] numbers = ask("statements", "statements");
        return new Statements(numbers[0], numbers[1], numbers[2]);
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
