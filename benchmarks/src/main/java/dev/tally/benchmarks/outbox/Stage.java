package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.machine.ProcessUsage;
import dev.tally.benchmarks.publisher.PublisherMain;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.stage.AttachedBroker;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.stage.Site;
import dev.tally.benchmarks.stage.StageTrial;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A database, and perhaps a broker, on which instances of the service run. */
record Stage(Contender contender, Site site) implements StageTrial.Opened {

    /** A new database, and a broker with the topic where the contender needs one; the service is not there yet. */
    static Stage open(Contender contender, Path directory, ServerKind brokers, Settings settings, Timing timing)
            throws Exception {
        Optional<ServerKind> broker = contender.kind().needsBroker() ? Optional.of(brokers) : Optional.empty();
        return new Stage(contender, Site.open(directory, broker, contender.name(), settings, timing));
    }

    Database database() {
        return site.database();
    }

    /** Processor time of the broker; none where there is none. */
    Duration brokerCpu() throws IOException {
        AttachedBroker broker = site.broker();
        return broker == null ? Duration.ZERO : ProcessUsage.cpu(broker.pid());
    }

    /** An instance of the service that is not open yet. */
    Publisher publisher(String... properties) throws IOException, InterruptedException {
        return launch(Optional.empty(), properties);
    }

    /** The same, whose deliveries go to a file as well. */
    Publisher publisher(Path deliveries, String... properties) throws IOException, InterruptedException {
        return launch(Optional.of(deliveries), properties);
    }

    private Publisher launch(Optional<Path> deliveries, String... properties) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                contender.kind().name(),
                Long.toString(Site.firstIdOf(site.instances())),
                deliveries.map(Path::toString).orElse("none"),
                "--spring.datasource.url=" + site.database().url()));
        AttachedBroker broker = site.broker();
        if (broker != null) {
            arguments.add("--rocketmq.name-server=" + broker.address());
        }
        arguments.addAll(contender.properties());
        arguments.addAll(Arrays.asList(properties));
        return new Publisher(
                site.launch("publisher", contender.name(), PublisherMain.class, PublisherMain.READY, arguments));
    }

    /** A file of deliveries. */
    Path deliveries(String name) {
        return site.directory().resolve("deliveries-" + name);
    }

    @Override
    public void close() throws IOException, SQLException {
        site.close();
    }
}
