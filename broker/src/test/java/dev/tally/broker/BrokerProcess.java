package dev.tally.broker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A broker in a process of its own, from the test's class path. */
public final class BrokerProcess implements AutoCloseable {

    private static final Pattern READY =
            Pattern.compile("tally-broker \\S+ ready on (\\S+?);.*?(?:; status: (http://\\S+))?");

    private final Process process;
    private final List<String> output = new ArrayList<>();
    private URI status;

    private BrokerProcess(Process process) {
        this.process = process;
    }

    public static BrokerProcess launch(Path errors, String... arguments) throws IOException {
        return launch(List.of(), classPath(), errors, arguments);
    }

    /** The class path of this JVM. */
    public static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /** Starts it by a command that becomes it, such as {@code prlimit} or {@code setpriv}. */
    public static BrokerProcess launch(List<String> by, String classPath, Path errors, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(by);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                BrokerMain.class.getName()));
        command.addAll(List.of(arguments));
        return new BrokerProcess(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                .start());
    }

    /** Waits for the line that says it is ready; answers its address. */
    public String awaitReady() {
        try {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                output.add(line);
                Matcher ready = READY.matcher(line);
                if (ready.matches()) {
                    status = ready.group(2) == null ? null : URI.create(ready.group(2));
                    return ready.group(1);
                }
            }
            throw new AssertionError("The broker ended without being ready; it said " + output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public List<String> output() {
        return output;
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** What its status page says; it must run with an admin port. */
    public JsonNode status() throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(status).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException("The status page answers " + answer.statusCode() + ": " + answer.body());
        }
        return JsonMapper.shared().readTree(answer.body());
    }

    public int awaitExit() throws InterruptedException {
        if (!exits(60_000)) {
            throw new AssertionError("The broker did not end");
        }
        return process.exitValue();
    }

    /** Whether it ends by itself within that time. */
    public boolean exits(long millis) throws InterruptedException {
        return process.waitFor(millis, TimeUnit.MILLISECONDS);
    }

    /** kill -9 */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGTERM */
    public void terminate() {
        process.destroy();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
