package dev.tally.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker in a process of its own, from the test's class path. */
final class BrokerProcess implements AutoCloseable {

    private static final Pattern READY = Pattern.compile("tally-broker \\S+ ready on (\\S+); .*");

    private final Process process;
    private final List<String> output = new ArrayList<>();

    private BrokerProcess(Process process) {
        this.process = process;
    }

    static BrokerProcess launch(Path errors, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                BrokerMain.class.getName()));
        command.addAll(List.of(arguments));
        return new BrokerProcess(
                new ProcessBuilder(command).redirectError(errors.toFile()).start());
    }

    /** Waits for the line that says it is ready; answers its address. */
    String awaitReady() {
        try {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher ready = READY.matcher(line);
                if (ready.matches()) {
                    return ready.group(1);
                }
            }
            throw new AssertionError("The broker ended without being ready; it said " + output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<String> output() {
        return output;
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("The broker did not end");
        }
        return process.exitValue();
    }

    /** kill -9 */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM */
    void terminate() {
        process.destroy();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
