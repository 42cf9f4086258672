package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.broker.net.TlsConfig;
import dev.tally.broker.net.TlsMode;
import dev.tally.half.CheckBackAnswer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tally's own broker with an account file and TLS. */
class SecuredTallyBrokerTest extends SecuredContract {

    private static final String ACCOUNTS = """
            accounts:
              - accessKey: %s
                secretKey: %s
                defaultTopicPerm: DENY
                defaultGroupPerm: DENY
                topicPerms:
                  - %s=PUB|SUB
                groupPerms:
                  - %s=SUB
            """.formatted(ACCOUNT, SECRET, TOPIC, GROUP);

    @TempDir
    static Path directory;

    private static TestCertificate certificate;
    private static Broker broker;

    @BeforeAll
    static void startBroker() throws Exception {
        certificate = TestCertificate.make(directory, "tally");
        broker = Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .accounts(Files.writeString(directory.resolve("accounts.yml"), ACCOUNTS))
                .tls(TlsConfig.of(TlsMode.ENFORCING, certificate.certificate(), certificate.key()))
                .checkImmunity(Duration.ofMillis(500))
                .checkInterval(Duration.ofMillis(500))
                .build());
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void anAccountThatIsNoAdministratorLearnsHowOldItsOldestHalfMessageIs() {
        RocketMqTransport transport = open();
        transport.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);

        var halves = transport.prepare(id("t"), List.of(message(TOPIC))).join();

        patiently().until(() -> transport.ofOldestQuestion().compareTo(Duration.ZERO) > 0);
        assertThat(transport.rollback(halves).join()).isTrue();
        assertThat(transport.ofOldestQuestion()).isZero();
    }

    @Override
    String nameServer() {
        return broker.address();
    }

    @Override
    Path certificate() {
        return certificate.certificate();
    }
}
