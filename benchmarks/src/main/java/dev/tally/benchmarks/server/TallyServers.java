package dev.tally.benchmarks.server;

import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.profile.Profiles;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Our broker, from its stand-alone jar. */
public final class TallyServers implements ServerKind {

    private static final Pattern READY = Pattern.compile("tally-broker \\S+ ready on (\\S+; .*status: http://\\S+)");
    private static final Pattern ADDRESSES = Pattern.compile("(\\S+); .*status: (http://\\S+)");
    private static final Pattern LOG_BYTES = Pattern.compile("\"logBytes\"\\s*:\\s*(\\d+)");
    private static final String FLUSH_OPTION = "--flush";

    private final Path jar;
    private final JavaCommand java;
    private final Optional<Profiles> profiles;
    private final Timing timing;
    private @Nullable Boolean flushIsAChoice;

    /** As the settings say. */
    public TallyServers(Settings settings, Timing timing) {
        this.jar = settings.home().resolve("broker/target/tally-broker.jar");
        this.java = new JavaCommand(settings.heap());
        this.profiles = settings.profiles().map(folder -> new Profiles(folder, settings.warmUp()));
        this.timing = timing;
    }

    @Override
    public String contender() {
        return "tally";
    }

    @Override
    public boolean supports(Flush flush) throws IOException, InterruptedException {
        return flush == Flush.SYNC || flushIsAChoice();
    }

    private boolean flushIsAChoice() throws IOException, InterruptedException {
        Boolean known = flushIsAChoice;
        if (known == null) {
            Process help = new ProcessBuilder(java.of("-jar", jar.toString(), "--help"))
                    .redirectErrorStream(true)
                    .start();
            String text = new String(help.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (help.waitFor() != 0) {
                throw new BenchmarkException("Asked " + jar + " for its options; it said: " + text);
            }
            known = text.contains(FLUSH_OPTION);
            flushIsAChoice = known;
        }
        return known;
    }

    @Override
    public Server start(Path directory, Flush flush, String label) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>();
        Optional<Path> recording = Optional.empty();
        if (profiles.isPresent()) {
            recording = Optional.of(profiles.get().next(label));
            arguments.addAll(profiles.get().javaOptions(recording.get()));
        }
        arguments.addAll(List.of("-jar", jar.toString()));
        arguments.addAll(List.of("--data", directory.resolve("data").toString()));
        arguments.addAll(List.of("--port", "0", "--admin-port", "0"));
        if (flushIsAChoice()) {
            arguments.addAll(List.of(FLUSH_OPTION, flush.label()));
        }
        Files.createDirectories(directory);
        ChildProcess child =
                ChildProcess.launch(java.of(arguments.toArray(new String[0])), directory.resolve("tally.err"), timing);
        String ready;
        try {
            ready = child.await(READY);
        } catch (BenchmarkException | InterruptedException e) {
            child.kill();
            throw e;
        }
        Duration took = child.sinceLaunch();
        Matcher addresses = ADDRESSES.matcher(ready);
        if (!addresses.matches()) {
            child.kill();
            throw new BenchmarkException("Cannot find the addresses in what the broker said: " + ready);
        }
        return new Running(child, addresses.group(1), URI.create(addresses.group(2)), took, recording);
    }

    private final class Running implements Server {

        private final ChildProcess child;
        private final String address;
        private final URI status;
        private final Duration startTook;
        private final Optional<Path> recording;
        private final HttpClient http = HttpClient.newHttpClient();

        Running(ChildProcess child, String address, URI status, Duration startTook, Optional<Path> recording) {
            this.child = child;
            this.address = address;
            this.status = status;
            this.startTook = startTook;
            this.recording = recording;
        }

        @Override
        public String address() {
            return address;
        }

        @Override
        public long pid() {
            return child.pid();
        }

        @Override
        public Duration startTook() {
            return startTook;
        }

        @Override
        public long logBytes() throws IOException, InterruptedException {
            String body = http.send(HttpRequest.newBuilder(status).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            Matcher bytes = LOG_BYTES.matcher(body);
            if (!bytes.find()) {
                throw new BenchmarkException("There is no logBytes in the status of the broker: " + body);
            }
            return Long.parseLong(bytes.group(1));
        }

        @Override
        public void kill() throws InterruptedException {
            child.kill();
        }

        @Override
        public void close() throws IOException {
            child.close(true);
            if (recording.isPresent() && profiles.isPresent()) {
                profiles.get().summarize(recording.get());
            }
        }
    }
}
