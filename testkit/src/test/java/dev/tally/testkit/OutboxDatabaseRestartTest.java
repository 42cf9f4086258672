package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutboxDatabaseRestartTest {

    @Test
    @Scenario("messaging-10")
    void goesOnByItselfAfterTheDatabaseWasRestarted(@TempDir Path data) {
        try (PostgresServer server = PostgresServer.start(data.resolve("pg"));
                PostgresDatabase database = PostgresDatabase.on(server)) {
            goesOn(database, server::stop, server::startAgain);
        }
    }

    @Test
    @Scenario("messaging-10")
    void goesOnByItselfAfterMariaDbWasRestarted(@TempDir Path data) {
        try (MariaDbServer server = MariaDbServer.start(data.resolve("mariadb"));
                MariaDbDatabase database = MariaDbDatabase.on(server)) {
            goesOn(database, server::stop, server::startAgain);
        }
    }

    private static void goesOn(TestDatabase database, Runnable stop, Runnable startAgain) {
        RecordingTransport transport = new RecordingTransport();
        try (OutboxNode node =
                new OutboxNode(database, transport, OutboxRelayBehaviour.quick().build())) {
            transport.down(true);
            node.start();
            for (int i = 0; i < 30; i++) {
                node.publish("k" + i % 3, "m" + i);
            }
            stop.run();
            transport.down(false);
            startAgain.run();
            await().atMost(Duration.ofSeconds(90)).ignoreExceptions().untilAsserted(() -> assertThat(
                            node.store().stats().pending())
                    .isZero());
            node.publish("k0", "m30");
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(transport.firstDeliveries("k0"))
                    .hasSize(11));
            for (int key = 0; key < 3; key++) {
                assertThat(transport.firstDeliveries("k" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
            }
        }
    }
}
