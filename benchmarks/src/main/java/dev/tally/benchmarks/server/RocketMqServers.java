package dev.tally.benchmarks.server;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.rocketmq.RocketMqMain;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/** RocketMQ: its name server and its broker in one process, as ours is. */
public final class RocketMqServers implements ServerKind {

    private static final Pattern READY = Pattern.compile("ready on (\\S+)");
    private static final Pattern LOG_BYTES = Pattern.compile("log bytes (\\d+)");

    private final boolean cured;
    private final JavaCommand java;
    private final Timing timing;

    /**
     * As the settings say.
     *
     * @param cured without the loop that takes a whole core after the first transaction (apache/rocketmq#10966)
     */
    public RocketMqServers(Settings settings, boolean cured, Timing timing) {
        this.cured = cured;
        this.java = new JavaCommand(settings.heap());
        this.timing = timing;
    }

    @Override
    public String contender() {
        return cured ? "rocketmq" : "rocketmq-uncured";
    }

    @Override
    public boolean supports(Flush flush) {
        return true;
    }

    @Override
    public Server start(Path directory, Flush flush, String label) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        ChildProcess child = ChildProcess.launch(
                java.of(
                        "-Duser.home=" + directory,
                        "-cp",
                        System.getProperty("java.class.path"),
                        RocketMqMain.class.getName(),
                        directory.toString(),
                        flush.label(),
                        cured ? "cured" : "uncured"),
                directory.resolve("rocketmq.err"),
                timing);
        try {
            String address = child.await(READY);
            return new Running(child, address, child.sinceLaunch());
        } catch (BenchmarkException | InterruptedException e) {
            child.kill();
            throw e;
        }
    }

    private record Running(ChildProcess child, String address, Duration startTook) implements Server {

        @Override
        public long pid() {
            return child.pid();
        }

        @Override
        public long logBytes() throws IOException, InterruptedException {
            return Long.parseLong(child.ask(RocketMqMain.LOG_BYTES, LOG_BYTES));
        }

        @Override
        public void kill() throws InterruptedException {
            child.kill();
        }

        /** An orderly stop takes 20 seconds, and nothing is read from the directory afterwards. */
        @Override
        public void close() {
            child.close(false);
        }
    }
}
