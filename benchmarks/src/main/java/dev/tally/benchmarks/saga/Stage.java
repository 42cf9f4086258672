package dev.tally.benchmarks.saga;

import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.figure.Settings;
import dev.tally.benchmarks.server.ServerKind;
import dev.tally.benchmarks.shop.Role;
import dev.tally.benchmarks.shop.ShopMain;
import dev.tally.benchmarks.shop.ShopRows;
import dev.tally.benchmarks.shop.ShopTopics;
import dev.tally.benchmarks.stage.AttachedBroker;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.stage.Site;
import dev.tally.benchmarks.stage.StageTrial;
import dev.tally.benchmarks.time.Timing;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;

/** A database with the shop's tables, and a broker with its topics, on which processes of the shop run. */
record Stage(Contender contender, Site site) implements StageTrial.Opened {

    /** A new database and a new broker; the shop is not there yet. */
    static Stage open(Contender contender, Path directory, ServerKind broker, Settings settings, Timing timing)
            throws Exception {
        Stage stage =
                new Stage(contender, Site.open(directory, Optional.of(broker), contender.name(), settings, timing));
        try {
            for (String table : ShopRows.TABLES) {
                stage.database().execute(table);
            }
            Clients clients = stage.broker().clients();
            DefaultMQProducer producer = clients.producer();
            for (String topic : ShopTopics.ALL) {
                clients.createTopic(producer, topic);
            }
            return stage;
        } catch (SQLException | MQClientException | InterruptedException | RuntimeException e) {
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

    /** Starts a process of the shop. */
    Shop shop(Role role, String... properties) throws IOException, InterruptedException {
        long firstId = Site.firstIdOf(site.instances());
        List<String> arguments = new ArrayList<>(List.of(
                contender.style().name(),
                role.name(),
                Long.toString(firstId),
                "--spring.datasource.url=" + database().url(),
                "--rocketmq.name-server=" + broker().address()));
        arguments.addAll(Arrays.asList(properties));
        return new Shop(site.launch("shop", contender.name(), ShopMain.class, ShopMain.READY, arguments), firstId);
    }

    @Override
    public void close() throws IOException, SQLException {
        site.close();
    }
}
