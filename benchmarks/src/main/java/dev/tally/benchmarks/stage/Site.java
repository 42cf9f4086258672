package dev.tally.benchmarks.stage;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.profile.Profiles;
import dev.tally.benchmarks.server.JavaCommand;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A new database, and perhaps a broker with the topic of the orders, on which instances of a service run. */
public final class Site implements AutoCloseable {

    /** Each instance has its own ids. */
    private static final long IDS_OF_AN_INSTANCE = 100_000_000L;

    private final Path directory;
    private final Database database;
    private final @Nullable AttachedBroker broker;
    private final Settings settings;
    private final Optional<Profiles> profiles;
    private final Timing timing;
    private int instances;

    private Site(Path directory, Database database, @Nullable AttachedBroker broker, Settings settings, Timing timing) {
        this.directory = directory;
        this.database = database;
        this.broker = broker;
        this.settings = settings;
        this.profiles = settings.profiles().map(folder -> new Profiles(folder, settings.warmUp()));
        this.timing = timing;
    }

    /**
     * Starts what there is to be.
     *
     * @param broker empty for none
     * @param label names the broker
     */
    public static Site open(Path directory, Optional<ServerKind> broker, String label, Settings settings, Timing timing)
            throws Exception {
        Database database = Database.start(directory.resolve("postgres"), timing);
        try {
            AttachedBroker attached = broker.isEmpty()
                    ? null
                    : AttachedBroker.start(broker.get(), directory.resolve("broker"), label, timing);
            return new Site(directory, database, attached, settings, timing);
        } catch (Exception e) {
            database.close();
            throw e;
        }
    }

    /** Where files of the trial go. */
    public Path directory() {
        return directory;
    }

    /** The database. */
    public Database database() {
        return database;
    }

    /** The broker; {@code null} for none. */
    public @Nullable AttachedBroker broker() {
        return broker;
    }

    /** The lowest id of the orders of an instance, which has a hundred million. */
    public static long firstIdOf(int instance) {
        return Order.FIRST_ID + instance * IDS_OF_AN_INSTANCE;
    }

    /** How many instances were launched so far. */
    public int instances() {
        return instances;
    }

    /**
     * Launches an instance of the service.
     *
     * @param kind names its errors and, with {@code contender}, its recording
     * @param main whose {@code main} runs; says {@code ready} when it takes commands
     */
    public ServiceProcess launch(String kind, String contender, Class<?> main, String ready, List<String> arguments)
            throws IOException, InterruptedException {
        instances++;
        return ServiceProcess.start(
                new JavaCommand(settings.heap()),
                profiles,
                kind + "-" + contender,
                directory.resolve(kind + "-" + instances + ".err"),
                new ServiceProcess.Command(main, ready, arguments),
                timing);
    }

    @Override
    public void close() throws IOException, SQLException {
        try {
            if (broker != null) {
                broker.close();
            }
        } finally {
            database.close();
        }
    }
}
