package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.ApplicationMain;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.profile.Profiles;
import dev.tally.benchmarks.server.ChildProcess;
import dev.tally.benchmarks.server.JavaCommand;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A running process of the service. */
final class Application implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("(" + ApplicationMain.READY + ")");
    private static final Pattern LOADED = Pattern.compile("loaded (.*)");
    private static final Pattern RAN = Pattern.compile("ran (\\d+)");
    private static final Pattern PACED = Pattern.compile("paced (\\d+)");
    private static final Pattern HANGING = Pattern.compile("hanging (.*)");

    private final ChildProcess process;
    private final Optional<Profiles> profiles;
    private final Optional<Path> recording;

    private Application(ChildProcess process, Optional<Profiles> profiles, Optional<Path> recording) {
        this.process = process;
        this.profiles = profiles;
        this.recording = recording;
    }

    /**
     * Starts it.
     *
     * @param label names its recording
     * @param arguments of {@link ApplicationMain}
     */
    static Application start(
            JavaCommand java,
            Optional<Profiles> profiles,
            String label,
            Path errors,
            List<String> arguments,
            Timing timing)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        Optional<Path> recording = Optional.empty();
        if (profiles.isPresent()) {
            recording = Optional.of(profiles.get().next(label));
            all.addAll(profiles.get().javaOptions(recording.get()));
        }
        all.addAll(List.of(
                "-Drocketmq.client.logUseSlf4j=true",
                "-cp",
                System.getProperty("java.class.path"),
                ApplicationMain.class.getName()));
        all.addAll(arguments);
        ChildProcess process = ChildProcess.launch(java.of(all.toArray(new String[0])), errors, timing);
        Application application = new Application(process, profiles, recording);
        try {
            var unused = process.await(READY);
            return application;
        } catch (BenchmarkException | InterruptedException e) {
            process.kill();
            throw e;
        }
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
        process.close(true);
        if (recording.isPresent() && profiles.isPresent()) {
            profiles.get().summarize(recording.get());
        }
    }
}
