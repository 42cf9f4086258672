package dev.tally.benchmarks.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.client.Clients;
import dev.tally.benchmarks.consume.Filling;
import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.time.SystemTiming;
import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way of consuming gives each message that waits one effect, whether it was sent once or twice. */
class ConsumerCommandsTest {

    private static final int COUNT = 200;
    private static final String ALL = "60000";

    @TempDir
    private static Path directory;

    private static Database database;
    private static Broker broker;
    private static Clients clients;

    @BeforeAll
    static void start() throws Exception {
        database = Database.start(directory.resolve("postgres"), new SystemTiming());
        database.execute("CREATE TABLE bench_account (customer VARCHAR(50) PRIMARY KEY, cents BIGINT, orders BIGINT)");
        broker = Broker.start(
                BrokerConfig.builder(directory.resolve("broker")).port(0).build());
        clients = new Clients(broker.address(), new SystemTiming());
    }

    @BeforeEach
    void emptyAccounts() throws Exception {
        database.execute("DELETE FROM bench_account");
        database.execute("INSERT INTO bench_account SELECT 'customer-' || lpad(CAST(i AS VARCHAR), 4, '0'), 0, 0"
                + " FROM generate_series(0, 9) AS i");
    }

    @AfterAll
    static void stop() throws Exception {
        clients.close();
        broker.close();
        database.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"TALLY", "BY_HAND_SINGLE", "BY_HAND_BATCH"})
    void givesMessagesThatWereSentTwiceOneEffect(Style style) throws Exception {
        String topic = fill(style, 2);
        try (ConsumerCommands commands = commands(style, topic)) {
            assertThat(commands.run("await " + 2 * COUNT + " " + ALL)).startsWith("awaited 200 200 0 ");
            assertThat(commands.run("handling")).matches("handling \\d+ 200 [1-9]\\d* [1-9]\\d*");
            assertThat(effects()).isEqualTo(COUNT);
            assertThat(commands.run("close")).isEqualTo("closed");
        }
    }

    @Test
    void withoutAnInboxMoreThanOne() throws Exception {
        String topic = fill(Style.TALLY_NO_INBOX, 2);
        try (ConsumerCommands commands = commands(Style.TALLY_NO_INBOX, topic)) {
            // What shares a transaction is known without an inbox.
            long handled = Long.parseLong(
                    commands.run("await " + 2 * COUNT + " " + ALL).split(" ")[1]);
            assertThat(effects()).isEqualTo(handled).isGreaterThan(COUNT);
        }
    }

    private static String fill(Style style, int copies) throws Exception {
        String topic = "test-" + style;
        long firstId = Order.FIRST_ID + 1000L * style.ordinal();
        new Filling(clients, clients.producer()).fill(topic, 2, 10, copies, firstId, COUNT);
        return topic;
    }

    private static ConsumerCommands commands(Style style, String topic) throws Exception {
        ConsumerCommands commands = new ConsumerCommands(
                style,
                List.of(
                        "--spring.datasource.url=" + database.url(),
                        "--rocketmq.name-server=" + broker.address(),
                        "--bench.sleep=1ms"),
                new SystemTiming());
        assertThat(commands.run("open " + topic)).isEqualTo("opened");
        assertThat(commands.run("await 0 0")).startsWith("awaited 0 0 0 ");
        assertThat(commands.run("start")).isEqualTo("started");
        return commands;
    }

    private static long effects() throws Exception {
        return database.number("SELECT SUM(orders) FROM bench_account");
    }
}
