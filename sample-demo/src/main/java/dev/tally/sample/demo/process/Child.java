package dev.tally.sample.demo.process;

import dev.tally.sample.demo.time.Pacing;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that runs, is killed, and runs again on the same ports and data. Thread-safe.
 *
 * @since 0.1
 */
public final class Child {

    private static final Duration READY_WITHIN = Duration.ofMinutes(2);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);
    private static final Duration STOPPED_WITHIN = Duration.ofSeconds(10);

    private final Program program;
    private final HttpClient http;
    private final Pacing pacing;
    private @Nullable Process process;
    private int starts;
    private boolean closed;

    /** A program that is not running yet. */
    public Child(Program program, HttpClient http, Pacing pacing) {
        this.program = program;
        this.http = http;
        this.pacing = pacing;
    }

    /** What people call it. */
    public String name() {
        return program.name();
    }

    /** How often it was started: the number of its present incarnation. */
    public synchronized int starts() {
        return starts;
    }

    /** Starts it; {@link #awaitReady} tells when it can be used. */
    public synchronized void start() throws ProcessFailedException {
        if (closed) {
            throw new ProcessFailedException("Cannot start " + name() + ": the demonstration is ending");
        }
        for (int port : program.ports()) {
            if (!Ports.isFree(port)) {
                throw new ProcessFailedException(
                        "Cannot start " + name() + ": port " + port + " on 127.0.0.1 is in use by another program");
            }
        }
        try {
            process = new ProcessBuilder(program.command())
                    .redirectErrorStream(true)
                    .redirectOutput(
                            ProcessBuilder.Redirect.appendTo(program.log().toFile()))
                    .start();
            process.getOutputStream().close();
            starts++;
        } catch (IOException failed) {
            throw new ProcessFailedException("Cannot start " + name() + ": " + failed.getMessage(), failed);
        }
    }

    /** Waits until it answers that it is ready. */
    public void awaitReady() throws ProcessFailedException, InterruptedException {
        Instant started = pacing.now();
        while (!isReady(started)) {
            pacing.pause(BETWEEN_LOOKS);
        }
    }

    /**
     * Whether it answers that it is ready.
     *
     * @param started when it was started
     * @throws ProcessFailedException if it has ended, or takes too long
     */
    public boolean isReady(Instant started) throws ProcessFailedException, InterruptedException {
        if (answersReady()) {
            return true;
        }
        checkAlive();
        if (Duration.between(started, pacing.now()).compareTo(READY_WITHIN) > 0) {
            throw new ProcessFailedException(
                    name() + " was not ready within " + READY_WITHIN.toSeconds() + " s; its log is " + program.log());
        }
        return false;
    }

    /** Kills it at once (SIGKILL): it gets no chance to finish anything. */
    public void kill() throws InterruptedException {
        Process victim = running();
        if (victim != null) {
            victim.destroyForcibly();
            victim.waitFor();
        }
    }

    /** Tells it to end, and does not wait. It cannot be started again. */
    public void beginToStop() {
        Process ending = close();
        if (ending != null) {
            ending.destroy();
        }
    }

    /** Lets it end by itself, and kills it if it takes too long. It cannot be started again. */
    public void stop() {
        beginToStop();
        Process ending = running();
        if (ending == null) {
            return;
        }
        try {
            if (!ending.waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
                ending.destroyForcibly();
            }
        } catch (InterruptedException hurry) {
            ending.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Kills it for good. */
    public void abandon() {
        Process ending = close();
        if (ending != null) {
            // The signal cannot be refused: the end comes within moments.
            ending.destroyForcibly().onExit().join();
        }
    }

    /** Its process id, or -1 if it was never started. */
    public synchronized long pid() {
        return process == null ? -1 : process.pid();
    }

    /** Where its output is. */
    public Path log() {
        return program.log();
    }

    private synchronized @Nullable Process close() {
        closed = true;
        return process;
    }

    private synchronized @Nullable Process running() {
        return process;
    }

    private boolean answersReady() throws InterruptedException {
        HttpRequest question = HttpRequest.newBuilder(program.ready())
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            return http.send(question, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void checkAlive() throws ProcessFailedException {
        Process present = running();
        if (present == null || !present.isAlive()) {
            String end = present == null ? "was not started" : "ended with code " + present.exitValue();
            throw new ProcessFailedException(
                    name() + " " + end + " before it was ready" + lastWords() + "; its log is " + program.log());
        }
    }

    private String lastWords() {
        try {
            List<String> lines = Files.readString(program.log(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.isEmpty() ? "" : " (\"" + lines.get(lines.size() - 1).strip() + "\")";
        } catch (IOException noLog) {
            return "";
        }
    }
}
