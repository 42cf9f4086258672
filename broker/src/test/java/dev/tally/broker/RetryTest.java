package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetryTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private Broker broker;
    private OfficialClients clients;

    @BeforeEach
    void start() {
        broker = Broker.start(BrokerConfig.builder(data)
                .delayLevels(Collections.nCopies(18, Duration.ofMillis(300)))
                .build());
        clients = new OfficialClients(broker.address());
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    @Scenario("broker-33")
    @Test
    void redeliversWhatFailsAndKeepsItAsDeadLetterAfterTheLastTry() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        SendResult sent = producer.send(OfficialClients.message("troubled", "t", "poison"));
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        List<String> healthy = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer("victims", "troubled", "*");
        consumer.setMaxReconsumeTimes(2);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            if (OfficialClients.text(message).equals("poison")) {
                assertThat(message.getTopic()).isEqualTo("troubled");
                attempts.add(message.getReconsumeTimes());
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            healthy.add(OfficialClients.text(message));
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        producer.send(OfficialClients.message("troubled", "t", "healthy"));

        List<MessageExt> dead = clients.consumed("undertakers", "%DLQ%victims", "*");
        await().atMost(PATIENCE).until(() -> !dead.isEmpty());

        assertThat(attempts).containsExactly(0, 1, 2);
        assertThat(healthy).containsExactly("healthy");
        assertThat(OfficialClients.text(dead.get(0))).isEqualTo("poison");
        assertThat(dead.get(0).getProperty("RETRY_TOPIC")).isEqualTo("troubled");
        assertThat(dead.get(0).getProperty("ORIGIN_MESSAGE_ID")).isEqualTo(sent.getOffsetMsgId());
        assertThat(dead.get(0).getProperty("DLQ_ORIGIN_TOPIC")).isEqualTo("troubled");
    }

    @Scenario("broker-33")
    @Test
    void passesAMessageThatAnOrderlyConsumerGivesUpToTheDeadLettersAndGoesOn() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        for (String text : List.of("poison", "next")) {
            producer.send(OfficialClients.message("sequence", "t", text), (queues, m, a) -> queues.get(0), null);
        }
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = clients.consumer("strict", "sequence", "*");
        consumer.setMaxReconsumeTimes(2);
        consumer.setSuspendCurrentQueueTimeMillis(50);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            String text = OfficialClients.text(messages.get(0));
            got.add(text);
            return text.equals("poison")
                    ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT
                    : ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();

        List<MessageExt> dead = clients.consumed("undertakers", "%DLQ%strict", "*");
        await().atMost(PATIENCE).until(() -> !dead.isEmpty() && got.contains("next"));
        assertThat(got).startsWith("poison").endsWith("next");
        assertThat(OfficialClients.texts(dead)).containsExactly("poison");
    }

    @Scenario("broker-33")
    @Test
    void blocksTheQueueOfAnOrderlyConsumerThatNeverGivesUpUntilItSucceeds() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        for (String text : List.of("poison", "next")) {
            producer.send(OfficialClients.message("sequence", "t", text), (queues, m, a) -> queues.get(0), null);
        }
        List<String> got = new CopyOnWriteArrayList<>();
        AtomicBoolean cured = new AtomicBoolean();
        DefaultMQPushConsumer consumer = clients.consumer("patient", "sequence", "*");
        consumer.setSuspendCurrentQueueTimeMillis(50);
        consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
            String text = OfficialClients.text(messages.get(0));
            got.add(text);
            return text.equals("poison") && !cured.get()
                    ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT
                    : ConsumeOrderlyStatus.SUCCESS;
        });
        consumer.start();

        await().atMost(PATIENCE).until(() -> got.size() > 25);
        assertThat(got).as("nothing passes the poison").containsOnly("poison");
        assertThat(broker.store().maxOffset("%DLQ%patient", 0)).isZero();
        cured.set(true);
        await().atMost(PATIENCE).until(() -> got.contains("next"));
        assertThat(got.indexOf("next")).isEqualTo(got.size() - 1);
    }

    @Scenario("broker-34")
    @Test
    void givesAGroupItsDeadLettersAgainAfterTheCauseIsGone() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        SendResult sent = producer.send(OfficialClients.message("troubled", "t", "poison"));
        List<MessageExt> handled = new CopyOnWriteArrayList<>();
        AtomicBoolean cured = new AtomicBoolean();
        DefaultMQPushConsumer consumer = clients.consumer("victims", "troubled", "*");
        consumer.setMaxReconsumeTimes(1);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            if (!cured.get()) {
                return ConsumeConcurrentlyStatus.RECONSUME_LATER;
            }
            handled.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        await().atMost(PATIENCE).until(() -> broker.store().maxOffset("%DLQ%victims", 0) == 1);

        cured.set(true);
        assertThat(broker.replayDeadLetters("victims").get(60, TimeUnit.SECONDS))
                .isEqualTo(1);
        await().atMost(PATIENCE).until(() -> !handled.isEmpty());
        assertThat(handled.get(0).getTopic()).isEqualTo("troubled");
        assertThat(handled.get(0).getMsgId()).isEqualTo(sent.getMsgId());
        assertThat(OfficialClients.text(handled.get(0))).isEqualTo("poison");
    }
}
