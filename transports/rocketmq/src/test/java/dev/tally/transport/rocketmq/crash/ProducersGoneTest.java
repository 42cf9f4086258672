package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.testkit.H2Database;
import dev.tally.testkit.MariaDbDatabase;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.rocketmq.crash.Script.Turn;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Nobody is there to be asked, for very much longer than it takes to ask as often as the broker does. */
class ProducersGoneTest {

    private static final int TRANSACTIONS = 6;
    private static final Duration UNTIL_ASKED = Duration.ofSeconds(5);

    /** Two checks, a tenth of a second apart: what counts while nobody is there is parked at once. */
    private static final Duration INTERVAL = Duration.ofMillis(100);

    private static final int CHECKS = 2;
    private static final Duration GONE = Duration.ofSeconds(20);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    static Stream<Named<Supplier<TestDatabase>>> databases() {
        return Stream.of(
                Named.of("H2", H2Database::inMemory),
                Named.of("PostgreSQL", PostgresDatabase::create),
                Named.of("MariaDB", MariaDbDatabase::create));
    }

    @Scenario("messaging-17")
    @ParameterizedTest
    @MethodSource("databases")
    void nothingIsParkedOrLostAndTheFirstThatReturnsDecidesInSeconds(Supplier<TestDatabase> databases) {
        try (TestDatabase database = databases.get();
                Broker broker = Broker.start(BrokerConfig.builder(directory)
                        .checkImmunity(UNTIL_ASKED)
                        .checkInterval(INTERVAL)
                        .checkMaxInterval(INTERVAL)
                        .maxChecks(CHECKS)
                        .build())) {
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            Books.schema().forEach(jdbc::execute);
            leaveUndecided(broker, database);

            await().during(GONE)
                    .atMost(GONE.plus(PATIENCE))
                    .until(() -> broker.stats().undecided() == 2 * TRANSACTIONS
                            && broker.stats().parked() == 0);

            long begin = System.nanoTime();
            try (LocalService back = service(broker, "back", database).consume()) {
                await().atMost(PATIENCE).until(() -> broker.stats().undecided() == 0);
                System.out.println("decided " + Duration.ofNanos(System.nanoTime() - begin) + " after the return");
                await().atMost(PATIENCE).until(() -> back.deliveries().size() >= TRANSACTIONS);
                assertThat(back.deliveries())
                        .containsExactlyInAnyOrder(Stream.iterate(0, i -> i + 1)
                                .limit(TRANSACTIONS)
                                .map(i -> "committed-" + i + "/0")
                                .toArray(String[]::new));
                assertThat(broker.stats().parked()).isZero();
                assertThat(broker.stats().rolledBackByCheckBack()).isEqualTo(TRANSACTIONS);
            }
        }
    }

    private static LocalService service(Broker broker, String name, TestDatabase database) {
        return new LocalService(broker.address(), name, "gone", database, true);
    }

    private static void leaveUndecided(Broker broker, TestDatabase database) {
        try (LocalService gone = service(broker, "gone", database)) {
            for (int i = 0; i < TRANSACTIONS; i++) {
                gone.run(Script.plain("committed-" + i, 1).with(Turn.DECISION_LOST));
                Script rolledBack = Script.plain("rolled-back-" + i, 1).with(Turn.DECISION_LOST, Turn.ROLLS_BACK);
                assertThatThrownBy(() -> gone.run(rolledBack)).hasMessage("rolled back by the script");
            }
            assertThat(gone.answers()).isEqualTo(List.of());
        }
    }
}
