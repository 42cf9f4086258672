package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.rocketmq.client.exception.MQBrokerException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DelayedMessageTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String LATE = "TALLY_LATE_MILLIS";

    @TempDir
    private Path data;

    private static Message delayed(String body, long millis) {
        Message message = OfficialClients.message("alarms", "t", body);
        message.setDelayTimeMs(millis);
        return message;
    }

    @Test
    void aDelayedMessageCanBeRecalledUntilItIsVisible() throws Exception {
        try (Broker broker = Broker.start(
                        BrokerConfig.builder(data).brokerName("one").build());
                OfficialClients clients = new OfficialClients(broker.address())) {
            DefaultMQProducer producer = clients.producer("senders");
            List<MessageExt> got = clients.consumed("readers", "alarms", "*");
            SendResult recalled = producer.send(delayed("recalled", 20_000));
            SendResult kept = producer.send(delayed("kept", 50));
            assertThat(producer.send(OfficialClients.message("alarms", "t", "now"))
                            .getRecallHandle())
                    .isNull();

            assertThat(producer.recallMessage("alarms", recalled.getRecallHandle()))
                    .isEqualTo(recalled.getMsgId());
            assertThat(producer.recallMessage("alarms", recalled.getRecallHandle()))
                    .as("again")
                    .isEqualTo(recalled.getMsgId());
            await().atMost(PATIENCE).until(() -> got.size() == 2);

            assertThat(OfficialClients.texts(got)).containsExactlyInAnyOrder("now", "kept");
            assertThat(got)
                    .allSatisfy(message -> assertThat(message.getProperty(LATE)).isNull());
            assertThat(broker.stats().scheduled()).isZero();
            assertThat(codeOfRecall(producer, "alarms", kept.getRecallHandle())).isEqualTo(604);
            producer.send(OfficialClients.message("other", "t", "x"));
            assertThat(codeOfRecall(producer, "other", recalled.getRecallHandle()))
                    .as("another topic's handle")
                    .isEqualTo(604);
        }
    }

    private static int codeOfRecall(DefaultMQProducer producer, String topic, String handle) {
        return catchThrowableOfType(MQBrokerException.class, () -> producer.recallMessage(topic, handle))
                .getResponseCode();
    }

    @Scenario("broker-36")
    @Test
    void whatBecameDueWhileTheBrokerWasDownSaysHowLateItIs() throws Exception {
        Broker down = Broker.start(BrokerConfig.builder(data).build());
        OfficialClients before = new OfficialClients(down.address());
        DefaultMQProducer producer = before.producer("senders");
        producer.send(delayed("years away", Duration.ofDays(730).toMillis()));
        producer.send(delayed("late", 3000));
        long sentAt = System.nanoTime();
        down.close();
        before.close();
        await().atMost(PATIENCE)
                .until(() ->
                        System.nanoTime() - sentAt > Duration.ofMillis(4500).toNanos());
        try (Broker broker = Broker.start(BrokerConfig.builder(data).build());
                OfficialClients clients = new OfficialClients(broker.address())) {
            List<MessageExt> got = clients.consumed("readers", "alarms", "*");

            await().atMost(PATIENCE).until(() -> !got.isEmpty());

            assertThat(OfficialClients.texts(got)).containsExactly("late");
            assertThat(Long.parseLong(got.get(0).getProperty(LATE))).isGreaterThanOrEqualTo(1000);
            assertThat(broker.stats().scheduled()).isEqualTo(1);
        }
    }
}
