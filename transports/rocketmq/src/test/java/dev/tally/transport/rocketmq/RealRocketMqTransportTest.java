package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.rocketmq.real.RealRocketMq;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract at a real RocketMQ name server and broker. */
class RealRocketMqTransportTest extends RocketMqTransportContract {

    private static RealRocketMq rocketMq;

    @BeforeAll
    static void startRocketMq() throws Exception {
        Path target = Files.createDirectories(Path.of("target"));
        rocketMq = RealRocketMq.start(Files.createTempDirectory(target, "rocketmq"));
    }

    @Test
    void learnsHowLongTheBrokerAsksFromItsConfiguration() {
        RocketMqSettings settings = RocketMqSettings.builder(nameServer(), "askers", "askers-1")
                .sendTimeout(Duration.ofSeconds(20))
                .build();
        try (RocketMqTransport transport = new RocketMqTransport(settings)) {
            assertThat(transport.ofOldestQuestion()).isEqualTo(RealRocketMq.FILE_RESERVED_TIME);
        }
    }

    @Override
    String nameServer() {
        return rocketMq.nameServerAddress();
    }

    @Override
    void createTopic(String topic, int queues) {
        rocketMq.createTopic(topic, queues);
    }
}
