package dev.tally.transport.rocketmq.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios at Tally's broker, on every database. */
abstract class TallyBrokerHalfMessageScenarios extends HalfMessageScenarios {

    /** The defaults of 6 s, 10 s and 15 checks, a twentieth of the time; a check that nobody got must not count. */
    private static final Duration IMMUNITY = Duration.ofMillis(300);

    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path directory;

    private Broker broker;

    @Override
    String nameServer() {
        if (broker == null) {
            broker = start(0);
        }
        return broker.address();
    }

    private Broker start(int port) {
        return Broker.start(BrokerConfig.builder(directory)
                .port(port)
                .checkImmunity(IMMUNITY)
                .checkInterval(INTERVAL)
                .checkMaxInterval(INTERVAL)
                .delayLevels(Collections.nCopies(18, Duration.ofMillis(300)))
                .build());
    }

    @AfterEach
    void stopBroker() {
        broker.close();
    }

    @Scenario("messaging-18")
    @Test
    void messagesForABrokerThatIsAwayLeaveOnceThroughTheOutboxWhenItIsBack() {
        service().run(Script.plain("before", 1));
        await().atMost(PATIENCE).until(() -> service().deliveries().contains("before/0"));
        int port = Integer.parseInt(broker.address().split(":")[1]);
        broker.close();

        for (int i = 0; i < 5; i++) {
            service().run(Script.plain("away-" + i, 2));
        }
        assertThat(service().business()).hasSize(6);
        assertThat(service().outboxRows()).isEqualTo(10);

        broker = start(port);
        await().atMost(PATIENCE).until(() -> service().outboxRows() == 0);
        await().atMost(PATIENCE).until(() -> service().deliveries().size() >= 11);
        assertThat(service().deliveries()).doesNotHaveDuplicates().hasSize(11);
        assertThat(broker.stats().undecided()).isZero();
        assertThat(broker.stats().messages()).isEqualTo(11);
    }
}
