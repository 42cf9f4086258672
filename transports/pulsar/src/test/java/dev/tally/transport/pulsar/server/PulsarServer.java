package dev.tally.transport.pulsar.server;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Pulsar standalone server of {@link #VERSION} in a JVM of its own with 768 MiB, on loopback only, that can be killed and
 * started again with its data and at its ports. Not thread-safe.
 *
 * <p>Its class path is that of the module {@code transports/pulsar/server}, which writes it when it is built.
 */
public final class PulsarServer implements AutoCloseable {

    /** Of the server and of the client that is tested against it. */
    public static final String VERSION = "4.2.4";

    /** In the project's folder. */
    private static final Path CLASS_PATH = Path.of("transports", "pulsar", "server", "target", "class-path.txt");

    private static final List<String> OPENED = List.of(
            "java.base/sun.net",
            "java.base/java.nio",
            "java.base/java.lang",
            "java.base/java.util.zip",
            "java.management/sun.management",
            "java.base/jdk.internal.misc",
            "java.base/jdk.internal.platform");

    private final Path folder;
    private final boolean forLoad;
    private final int brokerPort;
    private final int webPort;
    private final int bookiePort;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private ChildJvm process;

    private PulsarServer(Path folder, boolean forLoad) {
        this.folder = folder;
        this.forLoad = forLoad;
        this.brokerPort = FreePorts.next();
        this.webPort = FreePorts.next();
        this.bookiePort = FreePorts.next();
        writeConfiguration();
        this.process = launch();
    }

    /**
     * Starts a server; returns when it takes connections.
     *
     * @param folder an empty one for its data
     */
    public static PulsarServer start(Path folder) {
        return new PulsarServer(folder, false);
    }

    /**
     * Starts a server whose JVM compiles as it does in earnest, which takes longer to start.
     *
     * @param folder an empty one for its data
     */
    public static PulsarServer startForLoad(Path folder) {
        return new PulsarServer(folder, true);
    }

    /** The address for clients. */
    public String serviceUrl() {
        return "pulsar://127.0.0.1:" + brokerPort;
    }

    /** The address of its HTTP interface. */
    public String webUrl() {
        return "http://127.0.0.1:" + webPort;
    }

    /** Ends it with SIGKILL, and returns when it is gone. */
    public void kill() {
        process.close();
    }

    /** Starts it again after {@link #kill}; returns when it takes connections. */
    public void startAgain() {
        process = launch();
    }

    /**
     * Creates a topic of the namespace {@code public/default}.
     *
     * @param partitions one for a topic without partitions
     */
    public void createTopic(String topic, int partitions) {
        String path = "/admin/v2/persistent/public/default/" + topic;
        if (partitions == 1) {
            put(path, "");
        } else {
            put(path + "/partitions", Integer.toString(partitions));
        }
    }

    private void put(String path, String body) {
        ask("PUT", path, body, 204);
    }

    /**
     * Asks its HTTP interface.
     *
     * @param path begins with {@code /admin/v2}
     * @return the answer's body
     */
    public String ask(String method, String path, String body, int expectedStatus) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(webUrl() + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != expectedStatus) {
                throw new IllegalStateException(
                        method + " " + path + " was answered " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot ask " + request.uri(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while asking " + request.uri(), e);
        }
    }

    private ChildJvm launch() {
        List<String> options = new ArrayList<>(List.of(
                "-Xmx768m",
                "-XX:MaxDirectMemorySize=256m",
                "-Dlog4j2.configurationFile=pulsar-server-log4j2.properties"));
        if (!forLoad) {
            options.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        }
        OPENED.forEach(each -> options.addAll(List.of("--add-opens", each + "=ALL-UNNAMED")));
        return ChildJvm.start(
                        options,
                        ownClasses() + java.io.File.pathSeparator + classPath(),
                        PulsarMain.class,
                        PulsarMain.READY,
                        List.of(
                                webUrl(),
                                "--config",
                                folder.resolve("standalone.conf").toString(),
                                "--no-functions-worker",
                                "--no-stream-storage",
                                "--bookkeeper-dir",
                                folder.resolve("bookkeeper").toString(),
                                "--bookkeeper-port",
                                Integer.toString(bookiePort),
                                "--metadata-dir",
                                folder.resolve("metadata").toString()))
                .awaitReady();
    }

    private void writeConfiguration() {
        List<String> lines = List.of(
                "clusterName=standalone",
                "bindAddress=127.0.0.1",
                "advertisedAddress=127.0.0.1",
                "brokerServicePort=" + brokerPort,
                "webServicePort=" + webPort,
                // Of the bookie: on loopback, and at the port that it is told, so that it is the same after a crash.
                "listeningInterface=lo",
                "allowEphemeralPorts=true",
                "managedLedgerDefaultEnsembleSize=1",
                "managedLedgerDefaultWriteQuorum=1",
                "managedLedgerDefaultAckQuorum=1",
                "loadBalancerEnabled=false",
                "numIOThreads=2",
                "numHttpServerThreads=8");
        try {
            Files.createDirectories(folder);
            Files.write(folder.resolve("standalone.conf"), lines);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the configuration of Pulsar to " + folder, e);
        }
    }

    private static String classPath() {
        Path here = Path.of("").toAbsolutePath();
        for (Path from : List.of(here, ownClasses())) {
            for (Path at = from; at != null; at = at.getParent()) {
                Path file = at.resolve(CLASS_PATH);
                if (Files.isRegularFile(file)) {
                    try {
                        return Files.readString(file).strip();
                    } catch (IOException e) {
                        throw new UncheckedIOException("Cannot read " + file, e);
                    }
                }
            }
        }
        throw new IllegalStateException(
                "There is no " + CLASS_PATH + " above " + here + ": build the module transports/pulsar/server first");
    }

    private static Path ownClasses() {
        return Path.of(URI.create(PulsarMain.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toString()));
    }

    @Override
    public void close() {
        process.close();
    }
}
