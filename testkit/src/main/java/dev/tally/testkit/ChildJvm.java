package dev.tally.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A JVM of its own, on the class path of this one, that can be killed like a crashed machine kills a process. What it
 * prints is kept. Killed when closed, or when this JVM ends. Thread-safe.
 *
 * @since 0.1
 */
public final class ChildJvm implements AutoCloseable {

    private final Process process;
    private final String readyLine;
    private final List<String> output = new ArrayList<>();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Thread cleanUp;

    private ChildJvm(Process process, String readyLine) {
        this.process = process;
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
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
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
                synchronized (output) {
                    output.add(line);
                }
                if (line.equals(readyLine)) {
                    ready.countDown();
                }
                line = reader.readLine();
            }
        } catch (IOException e) {
            synchronized (output) {
                output.add("(output ends: " + e.getMessage() + ")");
            }
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
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The child JVM " + pid() + " is still there a minute after kill -9");
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
