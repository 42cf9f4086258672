package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GracefulStopTest {

    @TempDir
    private Path directory;

    @Test
    void aStopUnderLoadKeepsEveryAcknowledgedMessageAndDoesNotWaitForHeldPulls() throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        AtomicInteger sent = new AtomicInteger();
        Broker broker = Broker.start(BrokerConfig.builder(directory)
                .stopTimeout(Duration.ofSeconds(600))
                .build());
        try (OfficialClients clients = new OfficialClients(broker.address())) {
            clients.consumed("idle", "nothing-comes", "*");
            await().atMost(Duration.ofSeconds(60)).until(() -> broker.heldPulls() > 0);
            DefaultMQProducer producer = clients.producer("makers");
            producer.setRetryTimesWhenSendAsyncFailed(0);
            for (int i = 0; i < 2000; i++) {
                sent.incrementAndGet();
                producer.send(OfficialClients.message("orders", "t", "m" + i), new SendCallback() {
                    @Override
                    public void onSuccess(SendResult result) {
                        acknowledged.add(result.getOffsetMsgId());
                    }

                    @Override
                    public void onException(Throwable failure) {}
                });
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> !acknowledged.isEmpty());
            broker.close();
        }
        try (Broker again = Broker.start(BrokerConfig.builder(directory).build())) {
            assertThat(again.stats().messages()).isBetween((long) acknowledged.size(), (long) sent.get());
        }
    }
}
