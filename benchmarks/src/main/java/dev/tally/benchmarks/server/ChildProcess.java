package dev.tally.benchmarks.server;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process whose lines are read; it ends with this one at the latest. */
public final class ChildProcess {

    private static final Duration ANSWER_WITHIN = Duration.ofMinutes(5);
    private static final Duration STOP_WITHIN = Duration.ofSeconds(30);
    private static final String END = "\0";
    private static final int TAIL_LINES = 15;

    private final Process process;
    private final Path errors;
    private final long launchedAt;
    private final Timing timing;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Writer input;
    private final Thread endWithUs;

    private ChildProcess(Process process, Path errors, long launchedAt, Timing timing) {
        this.process = process;
        this.errors = errors;
        this.launchedAt = launchedAt;
        this.timing = timing;
        this.input = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.endWithUs = new Thread(process::destroyForcibly, "end-child");
    }

    /** Launches it; its errors go to a file. */
    public static ChildProcess launch(List<String> command, Path errors, Timing timing) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        long launchedAt = timing.nanos();
        ChildProcess child = new ChildProcess(builder.start(), errors, launchedAt, timing);
        Runtime.getRuntime().addShutdownHook(child.endWithUs);
        Thread reader = new Thread(child::read, "read-child");
        reader.setDaemon(true);
        reader.start();
        return child;
    }

    private void read() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            // The stream of a process that was killed: what it said until then is all there is.
            lines.add(END + e.getMessage());
        } finally {
            lines.add(END);
        }
    }

    /** Waits for a line; answers what the pattern's first group found. */
    public String await(Pattern wanted) throws IOException, InterruptedException {
        while (true) {
            String line = lines.poll(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS);
            if (line == null || line.startsWith(END)) {
                String found = line == null ? "did not say so within " + ANSWER_WITHIN : "ended";
                throw new BenchmarkException("Waited for process " + process.pid() + " to say \"" + wanted + "\"; it "
                        + found + ". Its errors: " + tail());
            }
            Matcher matcher = wanted.matcher(line);
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
    }

    private String tail() throws IOException {
        List<String> all = Files.readAllLines(errors);
        return String.join("\n", all.subList(Math.max(0, all.size() - TAIL_LINES), all.size()));
    }

    /** Says a line, and waits for the answer as {@link #await} does. */
    public String ask(String question, Pattern answer) throws IOException, InterruptedException {
        input.write(question + "\n");
        input.flush();
        return await(answer);
    }

    /** Its id. */
    public long pid() {
        return process.pid();
    }

    /** The time since its launch. */
    public Duration sinceLaunch() {
        return timing.since(launchedAt);
    }

    /** Ends it: asks first where {@code inOrder}, and kills it where that is not heard. */
    public void close(boolean inOrder) {
        if (inOrder) {
            process.destroy();
        } else {
            process.destroyForcibly();
        }
        try {
            if (!process.waitFor(STOP_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        forget();
    }

    /** Kills it and waits until it is gone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
        forget();
    }

    private void forget() {
        try {
            input.close();
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new UncheckedIOException("Cannot close the input of process " + process.pid(), e);
            }
            // A pipe to a process that is gone is broken: nothing was lost.
        }
        try {
            Runtime.getRuntime().removeShutdownHook(endWithUs);
        } catch (IllegalStateException e) {
            // This process ends already, and the hook has run.
            return;
        }
    }
}
