package dev.tally.benchmarks.stage;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.profile.Profiles;
import dev.tally.benchmarks.server.ChildProcess;
import dev.tally.benchmarks.server.JavaCommand;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A running process of a service, recorded where profiles are wanted. */
public final class ServiceProcess implements AutoCloseable {

    private final ChildProcess process;
    private final Optional<Profiles> profiles;
    private final Optional<Path> recording;

    private ServiceProcess(ChildProcess process, Optional<Profiles> profiles, Optional<Path> recording) {
        this.process = process;
        this.profiles = profiles;
        this.recording = recording;
    }

    /** What to start, on the class path of this process. */
    record Command(Class<?> main, String ready, List<String> arguments) {}

    /**
     * Starts it, and waits until it is ready.
     *
     * @param label names its recording
     */
    static ServiceProcess start(
            JavaCommand java, Optional<Profiles> profiles, String label, Path errors, Command command, Timing timing)
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
                command.main().getName()));
        all.addAll(command.arguments());
        ChildProcess process = ChildProcess.launch(java.of(all.toArray(new String[0])), errors, timing);
        try {
            var unused = process.await(Pattern.compile("(" + command.ready() + ")"));
            return new ServiceProcess(process, profiles, recording);
        } catch (BenchmarkException | InterruptedException e) {
            process.kill();
            throw e;
        }
    }

    /** Its id. */
    public long pid() {
        return process.pid();
    }

    /** Gives it a command; answers what the pattern's first group found in its answer. */
    public String ask(String command, Pattern answer) throws IOException, InterruptedException {
        return process.ask(command, answer);
    }

    /** Kills it and waits until it is gone. */
    public void kill() throws InterruptedException {
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
