package dev.tally.broker.faults;

import dev.tally.broker.BrokerProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/** Broker processes, one after the other, on one data directory and one port, so that clients find the next one. */
final class RestartableBroker implements AutoCloseable {

    // Below the ports that the system gives to outgoing connections: nobody takes it while the broker is down.
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;

    private final Path directory;
    private final Path errors;
    private final int port;
    private String classPath = BrokerProcess.classPath();
    private BrokerProcess process;

    /**
     * @param directory where its data and its error stream go
     */
    RestartableBroker(Path directory, RandomGenerator random) throws IOException {
        this(directory, directory.resolve("errors.txt"), random);
    }

    RestartableBroker(Path directory, Path errors, RandomGenerator random) throws IOException {
        this.directory = directory;
        this.errors = errors;
        this.port = freePort(random);
    }

    private static int freePort(RandomGenerator random) throws IOException {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = FIRST_PORT + random.nextInt(PORTS);
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return free.getLocalPort();
            } catch (IOException e) {
                // Taken; the next one.
                continue;
            }
        }
        throw new IOException("No free port found");
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    Path data() {
        return directory.resolve("data");
    }

    Path errors() {
        return errors;
    }

    /**
     * Runs it from one jar, as it is run in earnest, instead of from directories of classes: a process that cannot open
     * files any more still has its classes.
     */
    void runFromAJar() throws IOException {
        classPath = ClassPathJar.of(BrokerProcess.classPath(), errors.resolveSibling("broker.jar"));
    }

    /** Starts the next process, which need not become ready. */
    BrokerProcess launch(String... by) throws IOException {
        process = BrokerProcess.launch(
                List.of(by),
                classPath,
                errors(),
                "--data",
                data().toString(),
                "--port",
                String.valueOf(port),
                "--admin-port",
                "0");
        return process;
    }

    void start() throws IOException {
        launch().awaitReady();
    }

    BrokerProcess process() {
        return process;
    }

    void kill() throws InterruptedException {
        process.kill();
    }

    /** What it said about why it cannot start. */
    List<String> complaints() throws IOException {
        return Files.readAllLines(errors()).stream()
                .filter(line -> line.startsWith("tally-broker: "))
                .toList();
    }

    /** A counter of the storage, from the status page. */
    long counter(String name) throws IOException, InterruptedException {
        JsonNode value = process.status().path("store").path(name);
        if (!value.isNumber()) {
            throw new IOException("The status page shows no " + name);
        }
        return value.asLong();
    }

    @Override
    public void close() {
        if (process != null) {
            process.close();
        }
    }
}
