package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.rocketmq.real.RealRocketMq;
import dev.tally.transport.rocketmq.real.SecuredRocketMq;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A real RocketMQ with its accounts, permissions and TLS. */
class SecuredRocketMqTest extends SecuredContract {

    private static TestCertificate certificate;
    private static SecuredRocketMq rocketMq;

    @BeforeAll
    static void startRocketMq() throws Exception {
        Path directory = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "secured");
        certificate = TestCertificate.make(directory, "rocketmq");
        rocketMq = SecuredRocketMq.start(directory, certificate.certificate(), certificate.key());
    }

    @AfterAll
    static void stopRocketMq() {
        rocketMq.close();
    }

    @Test
    void anAccountThatIsNoAdministratorLearnsTheBrokersPolicy() {
        assertThat(open().ofOldestQuestion()).isEqualTo(RealRocketMq.FILE_RESERVED_TIME);
    }

    @Override
    String nameServer() {
        return rocketMq.nameServerAddress();
    }

    @Override
    Path certificate() {
        return certificate.certificate();
    }
}
