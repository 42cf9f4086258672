package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxRetention;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxArchive;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.testkit.scenario.Scenario;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** Nodes of two versions beside each other, and rows of a version that is yet to come. */
class OutboxUpgradeTest {

    enum Server {
        H2(H2Database::inMemory),
        POSTGRESQL(PostgresDatabase::create),
        MARIADB(MariaDbDatabase::create),
        MYSQL_STATEMENTS_ON_MARIADB(() -> MariaDbDatabase.byMySqlDriver("&rewriteBatchedStatements=true"));

        private final Supplier<TestDatabase> open;

        Server(Supplier<TestDatabase> open) {
            this.open = open;
        }
    }

    private final RecordingTransport transport = new RecordingTransport();

    private OutboxNode node(TestDatabase database, OutboxRetention retention) {
        OutboxSettings settings = OutboxRelayBehaviour.quick().lanes(8).build();
        return new OutboxNode(
                database.dataSource(),
                JdbcOutboxStore.create(database.dataSource(), database.dialect(), retention),
                transport,
                settings,
                InstantSource.system(),
                new OutboxListener() {});
    }

    private static void awaitEmpty(OutboxNode node) {
        await().atMost(OutboxRelayBehaviour.SOON)
                .untilAsserted(() -> assertThat(node.store().stats().pending()).isZero());
    }

    /** What the version before sends, it deletes; what it writes, is read and kept by the new one. */
    @ParameterizedTest
    @EnumSource
    @Scenario("messaging-13")
    void aNodeOfTheVersionBeforeSharesTheTableWithOneThatKeepsWhatItSends(Server server) {
        try (TestDatabase database = server.open.get();
                OutboxNode fresh = node(database, OutboxRetention.ARCHIVE)) {
            JdbcOutboxArchive archive = JdbcOutboxArchive.create(database.dataSource(), database.dialect());
            OutboxNodeOfBefore old = new OutboxNodeOfBefore(database, transport, "old");
            old.register();
            old.insert("k", "old1");
            fresh.start();
            fresh.publish("k2", "new1");
            await().atMost(OutboxRelayBehaviour.SOON).untilAsserted(() -> {
                old.heartbeat();
                assertThat(archive.find(new MessageId("new1"))).isPresent();
            });
            old.sendOwn();
            assertThat(archive.find(new MessageId("old1"))).isEmpty();
            old.insert("k3", "old2");
            old.insert("k3", "old3");
            awaitEmpty(fresh);
            assertThat(transport.firstDeliveries("k3")).containsExactly("old2", "old3");
            assertThat(archive.find(new MessageId("old2"))).hasValueSatisfying(kept -> {
                assertThat(kept.message().type()).isEqualTo("order-placed");
                assertThat(kept.message().key()).isEqualTo("k3");
            });
        }
    }

    /** The other way round: rows of a later version wait for people, with the reason, and stop no others. */
    @ParameterizedTest
    @EnumSource
    @Scenario("messaging-13")
    void rowsOfALaterVersionAreParkedAndTheOthersGoInTheirOrder(Server server) {
        try (TestDatabase database = server.open.get();
                OutboxNode writer = node(database, OutboxRetention.DELETE);
                OutboxNode node = node(database, OutboxRetention.DELETE)) {
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                writer.publish(i % 2 == 0 ? "k" : null, "m" + i);
                expected.add("m" + i);
            }
            assertThat(jdbc.update("UPDATE tally_outbox SET format = 2 WHERE message_id IN ('m40', 'm41')"))
                    .isEqualTo(2);
            expected.removeAll(List.of("m40", "m41"));
            node.start();
            awaitEmpty(node);
            assertThat(transport.sentIds()).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(transport.firstDeliveries("k"))
                    .containsExactlyElementsOf(IntStream.range(0, 50)
                            .map(i -> 2 * i)
                            .filter(i -> i != 40)
                            .mapToObj(i -> "m" + i)
                            .toList());
            List<ParkedEntry> parked = node.store().parked(0, 10);
            assertThat(parked).hasSize(2).allMatch(entry -> entry.reason().contains("format 2"));
            // As a later version would, which reads it.
            jdbc.update("UPDATE tally_outbox SET format = 1");
            JdbcOperationsStore people = JdbcOperationsStore.create(database.dataSource(), database.dialect());
            parked.forEach(entry -> assertThat(
                            people.giveBack(entry.id(), entry.message().key()))
                    .isTrue());
            awaitEmpty(node);
            assertThat(transport.sentIds()).contains("m40", "m41").hasSize(100);
        }
    }
}
