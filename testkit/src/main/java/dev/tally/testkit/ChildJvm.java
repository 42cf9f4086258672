package dev.tally.testkit;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A JVM of its own, on the class path of this one, that can be killed like a crashed machine kills a process. What it
 * prints is kept. Killed when closed, or when this JVM ends. Thread-safe.
 *
 * @since 0.1
 */
public final class ChildJvm implements AutoCloseable {

    private static final List<String> OPTIONS = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
    private static final long SILENCE_MILLIS = 100;

    private final Process process;
    private final BufferedWriter input;
    private final String readyLine;
    private final List<String> output = new ArrayList<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread cleanUp;
    private boolean ended;

    private ChildJvm(Process process, String readyLine) {
        this.process = process;
        this.input = process.outputWriter(StandardCharsets.UTF_8);
        this.readyLine = readyLine;
        this.cleanUp = new Thread(process::destroyForcibly, "kill-child-jvm");
        Runtime.getRuntime().addShutdownHook(cleanUp);
        Thread reader = new Thread(this::readOutput, "child-jvm-output");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts a main class.
     *
     * @param main the class
     * @param readyLine a line that it prints when it is ready, see {@link #awaitReady}
     * @param arguments its arguments
     */
    public static ChildJvm start(Class<?> main, String readyLine, List<String> arguments) {
        return start(OPTIONS, System.getProperty("java.class.path"), main, readyLine, arguments);
    }

    /**
     * Starts a main class in a JVM with options of its own.
     *
     * @param options the JVM's, for instance its memory
     * @param classPath with everything that the main class needs
     */
    public static ChildJvm start(
            List<String> options, String classPath, Class<?> main, String readyLine, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(arguments);
        try {
            return new ChildJvm(
                    new ProcessBuilder(command).redirectErrorStream(true).start(), readyLine);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start a JVM for " + main.getName(), e);
        }
    }

    private void readOutput() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            String line = reader.readLine();
            while (line != null) {
                add(line);
                if (line.equals(readyLine)) {
                    ready.countDown();
                }
                line = reader.readLine();
            }
        } catch (IOException e) {
            add("(output ends: " + e.getMessage() + ")");
        }
        synchronized (output) {
            ended = true;
            output.notifyAll();
        }
    }

    private void add(String line) {
        synchronized (output) {
            output.add(line);
            output.notifyAll();
        }
    }

    /** Waits until the ready line was printed; fails with the output after two minutes, or when the process ends first. */
    public ChildJvm awaitReady() {
        long checks = 1200;
        try {
            while (!ready.await(100, TimeUnit.MILLISECONDS)) {
                checks--;
                if (checks == 0 || (!process.isAlive() && !ready.await(1, TimeUnit.SECONDS))) {
                    throw new IllegalStateException("The child JVM did not print '" + readyLine + "'; it "
                            + (process.isAlive() ? "runs" : "ended") + " and printed:\n" + String.join("\n", output()));
                }
            }
            return this;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the child JVM", e);
        }
    }

    /** Writes a line to its standard input; a process that has ended takes none, without complaint. */
    public void tell(String line) {
        synchronized (input) {
            try {
                input.write(line);
                input.write('\n');
                input.flush();
            } catch (IOException e) {
                add("(not told '" + line + "': " + e.getMessage() + ")");
            }
        }
    }

    /**
     * Waits for a line of its output, printed before or after this call.
     *
     * @param wanted says whether a line is the one; asked once for each line
     * @param patience how long the process may stay silent meanwhile
     * @return the first line that is wanted
     * @throws IllegalStateException with the output, where it does not come in time, or the process ends first
     */
    public String awaitLine(Predicate<String> wanted, Duration patience) {
        long silences = Math.max(1, patience.toMillis() / SILENCE_MILLIS);
        int seen = 0;
        synchronized (output) {
            while (true) {
                for (; seen < output.size(); seen++) {
                    if (wanted.test(output.get(seen))) {
                        return output.get(seen);
                    }
                }
                if (ended || silences <= 0) {
                    throw new IllegalStateException("The child JVM did not print the line that was waited for; it "
                            + (ended ? "ended" : "runs") + " and printed:\n" + String.join("\n", output));
                }
                try {
                    output.wait(SILENCE_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("Interrupted while waiting for a line of the child JVM", e);
                }
                silences -= output.size() == seen ? 1 : 0;
            }
        }
    }

    /** The lines it has printed so far. */
    public List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    /** Its process id. */
    public long pid() {
        return process.pid();
    }

    /** Whether it runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Kills it, like {@code kill -9}, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Waits until it has ended by itself, a minute at most. */
    public void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The child JVM " + pid() + " is still there after a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        kill();
        Runtime.getRuntime().removeShutdownHook(cleanUp);
    }
}
