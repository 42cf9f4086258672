package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.application.Way;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.profile.Profiles;
import dev.tally.benchmarks.server.JavaCommand;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A database and a broker on which the service runs. */
final class Stage implements AutoCloseable {

    /** Each instance has its own ids. */
    private static final long IDS_OF_AN_INSTANCE = 100_000_000L;

    private final Contender contender;
    private final Path directory;
    private final Database database;
    private final @Nullable AttachedBroker broker;
    private final JavaCommand java;
    private final Optional<Profiles> profiles;
    private final Timing timing;
    private int instances;

    Stage(
            Contender contender,
            Path directory,
            Database database,
            @Nullable AttachedBroker broker,
            JavaCommand java,
            Optional<Profiles> profiles,
            Timing timing) {
        this.contender = contender;
        this.directory = directory;
        this.database = database;
        this.broker = broker;
        this.java = java;
        this.profiles = profiles;
        this.timing = timing;
    }

    Path directory() {
        return directory;
    }

    Database database() {
        return database;
    }

    boolean publishes() {
        return broker != null;
    }

    AttachedBroker broker() {
        if (broker == null) {
            throw new BenchmarkException(contender.name() + " has no broker");
        }
        return broker;
    }

    /** An instance of the service that waits long for a slow broker, and fails rather than publish another way. */
    Application patientApplication() throws IOException, InterruptedException {
        return application(
                "--tally.half-message.fallback=none",
                "--tally.half-message.prepare-timeout=30s",
                "--tally.rocketmq.send-timeout=30s",
                "--rocketmq.producer.send-message-timeout=30000");
    }

    /** An instance of the service with default settings. */
    Application application(String... properties) throws IOException, InterruptedException {
        instances++;
        List<String> arguments = new ArrayList<>(List.of(
                contender.way().name(),
                database.url(),
                broker == null ? "none" : broker.address(),
                Long.toString(Order.FIRST_ID + instances * IDS_OF_AN_INSTANCE),
                "--tally.jdbc.initialize-schema=always"));
        if (contender.way() == Way.ROCKETMQ_SPRING) {
            arguments.add("--rocketmq.producer.group=bench-spring");
        }
        arguments.addAll(List.of(properties));
        return Application.start(
                java,
                profiles,
                "application-" + contender.name(),
                directory.resolve("application-" + instances + ".err"),
                arguments,
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
