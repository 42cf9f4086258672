package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.half.CheckBackHorizon;
import dev.tally.half.LedgerRetention;
import dev.tally.half.TransactionLedger;
import dev.tally.testkit.FreePorts;
import dev.tally.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;

/** How long the ledger remembers, as an application finds out when it starts. */
@ExtendWith(OutputCaptureExtension.class)
class LedgerRetentionStartTest {

    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir
    private Path directory;

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    JacksonAutoConfiguration.class,
                    TallyCoreAutoConfiguration.class,
                    TallySchemaAutoConfiguration.class,
                    TallyRocketMqAutoConfiguration.class,
                    TallyOutboxAutoConfiguration.class,
                    TallyGuardAutoConfiguration.class,
                    TallyConsumerAutoConfiguration.class,
                    TallyHalfMessageAutoConfiguration.class,
                    TallyRetentionAutoConfiguration.class))
            .withPropertyValues(
                    "spring.datasource.generate-unique-name=true",
                    "tally.rocketmq.send-timeout=30s",
                    "tally.rocketmq.close-timeout=10ms");

    @Test
    void startsWhileTheBrokerIsDownAndWarnsOfAShortRetentionWhenItHasCome(CapturedOutput output) throws Exception {
        int port = FreePorts.next();
        application
                .withPropertyValues("rocketmq.name-server=127.0.0.1:" + port, "tally.jdbc.ledger-retention=1h")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(LedgerRetention.class);
                    await().atMost(PATIENCE).until(() -> output.toString().contains("cannot tell yet how long"));
                    assertThat(output).doesNotContain("keeps its rows longer");
                    try (Broker broker = Broker.start(BrokerConfig.builder(directory.resolve("broker"))
                            .port(port)
                            .build())) {
                        await().atMost(PATIENCE).until(() -> output.toString().contains("keeps its rows longer"));
                        assertThat(output).contains("configured=PT1H").contains("used=PT24H");
                        assertThat(context.getBean(LedgerRetention.class).age()).contains(Duration.ofHours(24));
                    }
                });
    }

    @Test
    void takesTheLongestOfSeveralHorizonsAndNoneBelowTheConfiguredTime() {
        ApplicationContextRunner told = application
                .withBean(Transport.class, AutoConfigurationTest.FakeTransport::new)
                .withBean("one", CheckBackHorizon.class, () -> () -> Duration.ofHours(200))
                .withBean("other", CheckBackHorizon.class, () -> () -> Duration.ofHours(100));

        told.withBean(TransactionLedger.class, NoLedger::new)
                .run(context ->
                        assertThat(context.getBean(LedgerRetention.class).age()).contains(Duration.ofHours(224)));
        told.withBean(TransactionLedger.class, NoLedger::new)
                .withPropertyValues("tally.jdbc.ledger-retention=300h")
                .run(context ->
                        assertThat(context.getBean(LedgerRetention.class).age()).contains(Duration.ofHours(300)));
    }

    @Test
    void takesTheConfiguredHorizonWhereATransportTellsNone() {
        application
                .withBean(Transport.class, AutoConfigurationTest.FakeTransport::new)
                .withBean(TransactionLedger.class, NoLedger::new)
                .withPropertyValues("tally.half-message.check-horizon=300h")
                .run(context ->
                        assertThat(context.getBean(LedgerRetention.class).age()).contains(Duration.ofHours(324)));
    }
}
