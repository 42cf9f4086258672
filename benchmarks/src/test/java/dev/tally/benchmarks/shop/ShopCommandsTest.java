package dev.tally.benchmarks.shop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.benchmarks.stage.Database;
import dev.tally.benchmarks.time.SystemTiming;
import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each style carries every purchase through its steps, with one row for each effect. */
class ShopCommandsTest {

    private static final long FIRST_ID = 1_000_000;

    @TempDir
    private Path directory;

    private Database database;
    private Broker broker;

    @BeforeEach
    void start() throws Exception {
        database = Database.start(directory.resolve("postgres"), new SystemTiming());
        for (String table : ShopRows.TABLES) {
            database.execute(table);
        }
        broker = Broker.start(
                BrokerConfig.builder(directory.resolve("broker")).port(0).build());
    }

    @AfterEach
    void stop() throws Exception {
        broker.close();
        database.close();
    }

    @ParameterizedTest
    @EnumSource
    void carriesPurchasesThrough(Style style) throws Exception {
        try (ShopCommands commands = commands(style)) {
            String[] flooded = commands.run("flood 2 10 0 500").split(" ");
            assertThat(commands.run("pace 20")).isEqualTo("paces");
            String[] rested = commands.run("rest").split(" ");

            long all = Long.parseLong(flooded[5]) + Long.parseLong(rested[1]);
            assertThat(all).isPositive();
            assertThat(database.number("SELECT COUNT(*) FROM bench_purchase WHERE state = 'CONFIRMED'"))
                    .isEqualTo(all);
            for (String table : ShopRows.EFFECTS) {
                assertThat(database.number("SELECT COUNT(DISTINCT purchase_id) FROM " + table))
                        .as(table)
                        .isEqualTo(all);
            }
            if (style.isTally()) {
                assertThat(database.number("SELECT COUNT(*) FROM tally_saga WHERE state = 'COMPLETED'"))
                        .isEqualTo(all);
                assertThat(database.count("tally_saga_barrier")).isEqualTo(style == Style.TALLY ? 3 * all : 0);
            }
        }
    }

    @Test
    void countsWhatItHasTheDatabaseExecute() throws Exception {
        try (ShopCommands commands = commands(Style.TALLY, "--bench.count-statements=true")) {
            var unused = commands.run("flood 1 1 0 100");
            String[] statements = commands.run("statements").split(" ");
            assertThat(Long.parseLong(statements[3])).isPositive();
            assertThat(Long.parseLong(statements[2])).isGreaterThan(Long.parseLong(statements[3]));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"waiting", "waiting-commands"})
    void undoesASagaWhoseTimeHasCome(String definition) throws Exception {
        try (ShopCommands commands = commands(Style.TALLY)) {
            String id = commands.run("wait " + definition).substring("waits ".length());
            assertThat(database.number("SELECT COUNT(*) FROM tally_saga WHERE ended_at IS NULL AND wake_at IS NOT NULL"
                            + " AND saga_id = '" + id + "'"))
                    .isEqualTo(1);

            database.execute(
                    "UPDATE tally_saga SET wake_at = 1, steps = regexp_replace(steps, '\"due\":\\d+', '\"due\":1')"
                            + " WHERE saga_id = '" + id + "'");

            Awaitility.await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(
                            database.text("SELECT state FROM tally_saga WHERE saga_id = '" + id + "'"))
                    .isEqualTo("COMPENSATED"));
            assertThat(database.number("SELECT purchase_id FROM bench_called_off"))
                    .isEqualTo(FIRST_ID);
        }
    }

    private ShopCommands commands(Style style, String... properties) {
        List<String> all = new ArrayList<>(
                List.of("--spring.datasource.url=" + database.url(), "--rocketmq.name-server=" + broker.address()));
        all.addAll(List.of(properties));
        return new ShopCommands(style, Role.ALL, FIRST_ID, all, new SystemTiming());
    }
}
