package dev.tally.benchmarks.half;

import dev.tally.benchmarks.stage.ServiceProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/** A running process of the service. */
final class Application implements AutoCloseable {

    private static final Pattern LOADED = Pattern.compile("loaded (.*)");
    private static final Pattern RAN = Pattern.compile("ran (\\d+)");
    private static final Pattern PACED = Pattern.compile("paced (\\d+)");
    private static final Pattern HANGING = Pattern.compile("hanging (.*)");

    private final ServiceProcess process;

    Application(ServiceProcess process) {
        this.process = process;
    }

    long pid() {
        return process.pid();
    }

    /**
     * What threads did in a window.
     *
     * @param all transactions of the warm-up and the window together
     */
    record Load(long count, Duration window, double millisAtHalf, double millisAt99, long all) {

        double perSecond() {
            return count * 1e9 / window.toNanos();
        }
    }

    Load load(int threads, Duration warmUp, Duration window) throws IOException, InterruptedException {
        String[] numbers = process.ask("load " + threads + " " + warmUp.toMillis() + " " + window.toMillis(), LOADED)
                .split(" ", -1);
        return new Load(
                Long.parseLong(numbers[0]),
                Duration.ofNanos(Long.parseLong(numbers[1])),
                Long.parseLong(numbers[2]) / 1e6,
                Long.parseLong(numbers[3]) / 1e6,
                Long.parseLong(numbers[4]));
    }

    void run(int threads, long count) throws IOException, InterruptedException {
        var unused = process.ask("run " + threads + " " + count, RAN);
    }

    void runRows(int threads, long count) throws IOException, InterruptedException {
        var unused = process.ask("rows " + threads + " " + count, RAN);
    }

    /** At a rate per second; a line with id and time of each commit goes to {@code file}. Answers how many. */
    long pace(int rate, Duration time, Path file) throws IOException, InterruptedException {
        return Long.parseLong(process.ask("pace " + rate + " " + time.toMillis() + " " + file, PACED));
    }

    /** The first and the last id of orders that are committed, and whose commit nobody is ever told of. */
    record Hanging(long first, long last) {}

    Hanging hang(int count) throws IOException, InterruptedException {
        String[] ids = process.ask("hang " + count, HANGING).split(" ", -1);
        return new Hanging(Long.parseLong(ids[0]), Long.parseLong(ids[1]));
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    @Override
    public void close() throws IOException {
        process.close();
    }
}
