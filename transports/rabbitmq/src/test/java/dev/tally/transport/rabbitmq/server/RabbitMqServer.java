package dev.tally.transport.rabbitmq.server;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import dev.tally.testkit.FreePorts;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A RabbitMQ server of one's own, Debian's package {@code rabbitmq-server}, in processes that can be killed and started
 * again on the same data and port. On 127.0.0.1 alone, its port mapper included. Users are {@code guest}, who may do all, and
 * {@code limited}, who may not write to what begins with {@code secret}; their passwords are their names. Ends with this JVM.
 * Not thread-safe.
 */
public final class RabbitMqServer implements AutoCloseable {

    /** The largest message that it takes. */
    public static final int MAX_MESSAGE_BYTES = 18_000_000;

    private static final String DEFINITIONS = """
            {
              "vhosts": [{"name": "/"}],
              "users": [
                {"name": "guest", "password": "guest", "tags": "administrator"},
                {"name": "limited", "password": "limited", "tags": ""}
              ],
              "permissions": [
                {"user": "guest", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
                {"user": "limited", "vhost": "/", "configure": ".*", "write": "^(?!secret).*", "read": ".*"}
              ]
            }
            """;

    private static final Path PROGRAM = Path.of("/usr/lib/rabbitmq/bin/rabbitmq-server");
    private static final String PORT_MAPPER = "epmd";
    private static final int TRIES = 600;
    private static final long TRY_MILLIS = 200;

    private final Path directory;
    private final int port;
    private final int distributionPort;
    private final int portMapperPort;
    private final Process portMapper;
    private final Thread cleanUp = new Thread(this::killAll, "kill-rabbitmq");
    private Process server;

    private RabbitMqServer(Path directory) {
        this.directory = directory;
        int[] ports = {FreePorts.next(), FreePorts.next(), FreePorts.next()};
        this.port = ports[0];
        this.distributionPort = ports[1];
        this.portMapperPort = ports[2];
        // Not a daemon, which the server would start, and which would stay.
        this.portMapper = run(
                new ProcessBuilder(PORT_MAPPER, "-port", Integer.toString(portMapperPort), "-address", "127.0.0.1"),
                "epmd.log");
        this.server = launch();
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    /**
     * Starts one, and returns when it takes connections. Where it is not installed the test is skipped, or fails where the
     * environment says that it has to be there ({@code CI=true}).
     *
     * @param directory an empty folder
     */
    public static RabbitMqServer start(Path directory) {
        requireInstalled();
        RabbitMqServer started = new RabbitMqServer(directory);
        started.awaitReady();
        return started;
    }

    private static void requireInstalled() {
        boolean installed = Files.isExecutable(PROGRAM);
        if (!installed && "true".equalsIgnoreCase(System.getenv("CI"))) {
            throw new IllegalStateException(
                    "There is no " + PROGRAM + ". With CI=true this is an error; install the package rabbitmq-server");
        }
        Assumptions.assumeTrue(installed, "There is no " + PROGRAM + " (package rabbitmq-server): skipped");
    }

    /** Where it takes connections, on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** {@code host:port}. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** A connection of the client's own, to look around and to be somebody else. */
    public Connection connect() {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(port);
        factory.setAutomaticRecoveryEnabled(false);
        try {
            return factory.newConnection();
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("Cannot connect to RabbitMQ at " + address(), e);
        }
    }

    /** {@code RabbitMQ} and the version. */
    public String version() {
        try (Connection connection = connect()) {
            return "RabbitMQ " + connection.getServerProperties().get("version");
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot close a connection to " + address(), e);
        }
    }

    /**
     * Ends it with SIGKILL, and returns when it is gone. Waits before until the names of its quorum queues are on disk, which
     * RabbitMQ writes half a second after they were declared: a single node that is killed earlier begins such a queue
     * anew, empty and without a leader.
     */
    public void kill() {
        await("the names of its queues are on disk", this::knowsItsQueuesOnDisk);
        killWithDescendants(server);
    }

    /** Each folder of a queue's log is named in the file that says which queue it is of. */
    private boolean knowsItsQueuesOnDisk() {
        String node = "tally" + port + "@localhost";
        Path logs = directory.resolve("data").resolve(node).resolve("quorum").resolve(node);
        try (Stream<Path> folders = Files.list(logs).filter(Files::isDirectory)) {
            String names = Files.readString(logs.resolve("names.dets"), StandardCharsets.ISO_8859_1);
            return folders.allMatch(
                    folder -> names.contains(folder.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot see what RabbitMQ has on disk in " + logs, e);
        }
    }

    /** Starts it again, with its data and on its port; returns when it takes connections. */
    public void startAgain() {
        server = launch();
        awaitReady();
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(cleanUp);
        killAll();
    }

    private void killAll() {
        killWithDescendants(server);
        killWithDescendants(portMapper);
    }

    private Process launch() {
        write("rabbitmq.conf", """
                listeners.tcp.1 = 127.0.0.1:%d
                disk_free_limit.absolute = 50MB
                raft.wal_max_size_bytes = 32000000
                max_message_size = %d
                load_definitions = %s
                log.console = true
                log.console.level = info
                log.file = false
                """.formatted(port, MAX_MESSAGE_BYTES, directory.resolve("definitions.json")));
        write("definitions.json", DEFINITIONS);
        write("plugins", "[].\n");
        ProcessBuilder builder = new ProcessBuilder(PROGRAM.toString());
        builder.environment()
                .putAll(Map.of(
                        "HOME",
                        directory.toString(),
                        "RABBITMQ_NODENAME",
                        "tally" + port + "@localhost",
                        "RABBITMQ_CONFIG_FILE",
                        directory.resolve("rabbitmq.conf").toString(),
                        "RABBITMQ_MNESIA_BASE",
                        directory.resolve("data").toString(),
                        "RABBITMQ_LOG_BASE",
                        directory.resolve("log").toString(),
                        "RABBITMQ_ENABLED_PLUGINS_FILE",
                        directory.resolve("plugins").toString(),
                        "RABBITMQ_DIST_PORT",
                        Integer.toString(distributionPort),
                        "ERL_EPMD_ADDRESS",
                        "127.0.0.1",
                        "ERL_EPMD_PORT",
                        Integer.toString(portMapperPort),
                        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
                        "-kernel inet_dist_use_interface {127,0,0,1}"));
        return run(builder, "server.log");
    }

    private Process run(ProcessBuilder builder, String log) {
        File output = directory.resolve(log).toFile();
        try {
            return builder.redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(output))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot start " + builder.command(), e);
        }
    }

    private void write(String file, String text) {
        try {
            Files.writeString(directory.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file + " for RabbitMQ", e);
        }
    }

    private void awaitReady() {
        await("it takes connections at " + address(), () -> {
            try (Connection connection = connect()) {
                return connection.isOpen();
            } catch (IllegalStateException | IOException e) {
                return false;
            }
        });
    }

    private void await(String what, BooleanSupplier condition) {
        CountDownLatch never = new CountDownLatch(1);
        try {
            for (int i = 0; i < TRIES && server.isAlive(); i++) {
                if (condition.getAsBoolean()) {
                    return;
                }
                boolean unused = never.await(TRY_MILLIS, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted before " + what, e);
        }
        throw new IllegalStateException("Waited in vain until " + what + "; RabbitMQ "
                + (server.isAlive() ? "runs" : "has ended") + " and printed:\n" + log());
    }

    private String log() {
        try {
            return Files.readString(directory.resolve("server.log"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(nothing that can be read: " + e + ")";
        }
    }

    private static void killWithDescendants(Process process) {
        List<ProcessHandle> all =
                new ArrayList<>(process.toHandle().descendants().toList());
        all.add(0, process.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        try {
            process.waitFor();
            for (ProcessHandle each : all) {
                // What is not our child is reaped by somebody else, sooner or later.
                each.onExit().completeOnTimeout(each, 10, TimeUnit.SECONDS).join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
