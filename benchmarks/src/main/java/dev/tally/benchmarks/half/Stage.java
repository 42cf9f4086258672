package dev.tally.benchmarks.half;

import dev.tally.benchmarks.application.ApplicationMain;
import dev.tally.benchmarks.application.Way;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.stage.AttachedBroker;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.stage.Site;
import dev.tally.benchmarks.stage.StageTrial;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A database and a broker on which the service runs. */
record Stage(Contender contender, Site site) implements StageTrial.Opened {

    /** A new database, and the contender's broker with the topic; the service is not there yet. */
    static Stage open(Contender contender, Path directory, Settings settings, Timing timing) throws Exception {
        return new Stage(contender, Site.open(directory, contender.broker(), contender.name(), settings, timing));
    }

    Path directory() {
        return site.directory();
    }

    Database database() {
        return site.database();
    }

    boolean publishes() {
        return site.broker() != null;
    }

    AttachedBroker broker() {
        AttachedBroker broker = site.broker();
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
        AttachedBroker broker = site.broker();
        List<String> arguments = new ArrayList<>(List.of(
                contender.way().name(),
                site.database().url(),
                broker == null ? "none" : broker.address(),
                Long.toString(Site.firstIdOf(site.instances() + 1)),
                "--tally.jdbc.initialize-schema=always"));
        if (contender.way() == Way.ROCKETMQ_SPRING) {
            arguments.add("--rocketmq.producer.group=bench-spring");
        }
        arguments.addAll(List.of(properties));
        return new Application(
                site.launch("application", contender.name(), ApplicationMain.class, ApplicationMain.READY, arguments));
    }

    @Override
    public void close() throws IOException, SQLException {
        site.close();
    }
}
