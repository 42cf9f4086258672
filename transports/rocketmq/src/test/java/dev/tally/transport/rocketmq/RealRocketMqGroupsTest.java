package dev.tally.transport.rocketmq;

import dev.tally.transport.rocketmq.real.RealRocketMq;
import org.junit.jupiter.api.BeforeAll;

/** Whole groups at a real RocketMQ name server and broker. */
class RealRocketMqGroupsTest extends GroupScenarios {

    private static RealRocketMq rocketMq;

    @BeforeAll
    static void startRocketMq() throws Exception {
        rocketMq = RealRocketMq.start();
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
