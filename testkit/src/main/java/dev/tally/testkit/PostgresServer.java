package dev.tally.testkit;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An embedded PostgreSQL server on 127.0.0.1, with fsync and synchronous commit on. Thread-safe.
 *
 * @since 0.1
 */
public final class PostgresServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresServer.class);

    private final @Nullable Path data;
    private final int port;
    private EmbeddedPostgres server;

    private PostgresServer(@Nullable Path data) {
        this.data = data;
        this.server = launch(0);
        this.port = server.getPort();
    }

    /** The server that all tests of this JVM share; ends with the JVM. */
    public static PostgresServer shared() {
        return Shared.SERVER;
    }

    /**
     * A server of one's own, which can be restarted.
     *
     * @param data an empty folder for its data; stays when the server is closed
     */
    public static PostgresServer start(Path data) {
        return new PostgresServer(data);
    }

    /** The JDBC address of a database, with the superuser's name. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
    }

    /** Stops the server; connections break. */
    public synchronized void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot stop the PostgreSQL server", e);
        }
    }

    /**
     * Kills all processes of a server of one's own, like {@code kill -9} of each of them; connections break, and what was
     * not on disk is lost. {@link #startAgain} recovers it.
     */
    public synchronized void kill() {
        if (data == null) {
            throw new IllegalStateException("Cannot kill the shared PostgreSQL server: others use it");
        }
        Path pidFile = data.resolve("postmaster.pid");
        try {
            long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).strip());
            Processes.killWithDescendants(ProcessHandle.of(pid)
                    .orElseThrow(() -> new IllegalStateException("There is no PostgreSQL process " + pid)));
            // All of them are gone. Where nobody has reaped the first one yet, its number would look alive.
            Files.deleteIfExists(pidFile);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot kill the PostgreSQL server of " + data, e);
        }
        stop();
    }

    /** Starts the stopped server again, with its data and on its port. */
    public synchronized void startAgain() {
        server = launch(port);
    }

    @Override
    public void close() {
        stop();
    }

    private EmbeddedPostgres launch(int port) {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setServerConfig("listen_addresses", "127.0.0.1")
                // Their lock files name a process, and would keep the successor of a killed one out until that is
                // reaped.
                .setServerConfig("unix_socket_directories", "")
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("max_connections", "200")
                .setPGStartupWait(Duration.ofMinutes(2));
        if (port != 0) {
            builder.setPort(port);
        }
        if (data != null) {
            builder.setDataDirectory(data).setCleanDataDirectory(false);
        }
        try {
            return builder.start();
        } catch (IOException e) {
            log.error("PostgreSQL did not start data={} port={}", data, port);
            throw new UncheckedIOException("Cannot start a PostgreSQL server on port " + port, e);
        }
    }

    private static final class Shared {

        private static final PostgresServer SERVER = launched();

        private static PostgresServer launched() {
            PostgresServer server = new PostgresServer(null);
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop-test-postgres"));
            return server;
        }
    }
}
