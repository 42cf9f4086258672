package dev.tally.benchmarks.consume;

import dev.tally.benchmarks.consumer.ConsumerMain;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.server.ServerKind;
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
import java.util.Optional;

/** A database with accounts, and a broker, on which the service runs. */
record Stage(Contender contender, Site site) implements StageTrial.Opened {

    static final int CUSTOMERS = 1000;

    private static final List<String> ACCOUNTS = List.of("""
            CREATE TABLE bench_account (
                customer VARCHAR(50) PRIMARY KEY,
                cents BIGINT NOT NULL,
                orders BIGINT NOT NULL)""", """
            INSERT INTO bench_account (customer, cents, orders)
            SELECT 'customer-' || lpad(CAST(i AS VARCHAR), 4, '0'), 0, 0
            FROM generate_series(0, %d) AS i""".formatted(CUSTOMERS - 1));

    /** A new database and a new broker; the service is not there yet. */
    static Stage open(Contender contender, Path directory, ServerKind broker, Settings settings, Timing timing)
            throws Exception {
        Stage stage =
                new Stage(contender, Site.open(directory, Optional.of(broker), contender.name(), settings, timing));
        try {
            for (String statement : ACCOUNTS) {
                stage.database().execute(statement);
            }
            return stage;
        } catch (SQLException e) {
            stage.close();
            throw e;
        }
    }

    Database database() {
        return site.database();
    }

    AttachedBroker broker() {
        AttachedBroker broker = site.broker();
        if (broker == null) {
            throw new BenchmarkException(contender.name() + " has no broker");
        }
        return broker;
    }

    /** Lets the messages of a load wait in a topic. */
    void fill(String topic, Load load, long firstId) throws Exception {
        new Filling(broker().clients(), broker().clients().producer())
                .fill(topic, load.queues(), load.keys(), load.copies(), firstId, load.count());
    }

    /** An instance of the service that is not open yet. */
    Consumer consumer() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                contender.style().name(),
                "--spring.datasource.url=" + site.database().url(),
                "--rocketmq.name-server=" + broker().address()));
        arguments.addAll(contender.properties());
        return new Consumer(
                site.launch("consumer", contender.name(), ConsumerMain.class, ConsumerMain.READY, arguments));
    }

    @Override
    public void close() throws IOException, SQLException {
        site.close();
    }
}
