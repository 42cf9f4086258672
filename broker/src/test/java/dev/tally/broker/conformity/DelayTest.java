package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.ResponseCode;

/** Messages that become visible later. */
class DelayTest {

    /** Both brokers tick in seconds at most, and a message may come by one tick early or late. */
    private static final long TICK_MILLIS = 1100;

    private static void arrivesAfter(Trial trial, long millis, Consumer<Message> delay) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Message message = message(topic, "t", "later");
        message.putUserProperty("mine", "kept");
        delay.accept(message);
        long before = System.currentTimeMillis();

        SendResult sent = producer.send(message);

        assertThat(sent.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        Trial.eventually(() -> got.size() == 1);
        MessageExt arrived = got.get(0);
        assertThat(text(arrived)).isEqualTo("later");
        assertThat(arrived.getTopic()).isEqualTo(topic);
        assertThat(arrived.getMsgId()).isEqualTo(sent.getMsgId());
        assertThat(arrived.getUserProperty("mine")).isEqualTo("kept");
        assertThat(arrived.getQueueOffset()).isZero();
        assertThat(arrived.getQueueId()).isEqualTo(sent.getMessageQueue().getQueueId());
        assertThat(arrived.getReconsumeTimes()).isZero();
        assertThat(arrived.getBornTimestamp()).isGreaterThanOrEqualTo(before);
        assertThat(arrivedAt(arrived) - before).isGreaterThanOrEqualTo(millis - TICK_MILLIS);
    }

    /** When the consumer began with it. */
    private static long arrivedAt(MessageExt message) {
        return Long.parseLong(message.getProperty(MessageConst.PROPERTY_CONSUME_START_TIMESTAMP));
    }

    @OnEachTarget
    void delaysByALevel(Trial trial) throws Exception {
        arrivesAfter(trial, 2000, message -> message.setDelayTimeLevel(2));
    }

    @OnEachTarget
    void delaysBySeconds(Trial trial) throws Exception {
        arrivesAfter(trial, 3000, message -> message.setDelayTimeSec(3));
    }

    @OnEachTarget
    void delaysByMilliseconds(Trial trial) throws Exception {
        arrivesAfter(trial, 2500, message -> message.setDelayTimeMs(2500));
    }

    @OnEachTarget
    void deliversAtATime(Trial trial) throws Exception {
        arrivesAfter(trial, 3000, message -> message.setDeliverTimeMs(System.currentTimeMillis() + 3000));
    }

    @OnEachTarget
    void deliversAtOnceWhatWasDueInThePast(Trial trial) throws Exception {
        arrivesAfter(trial, 0, message -> message.setDeliverTimeMs(System.currentTimeMillis() - 60_000));
    }

    @OnEachTarget
    void aLevelWinsOverATime(Trial trial) throws Exception {
        arrivesAfter(trial, 1000, message -> {
            message.setDelayTimeLevel(1);
            message.setDeliverTimeMs(System.currentTimeMillis() + 3_600_000);
        });
    }

    @OnEachTarget
    void refusesADelayThatIsNoNumber(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        Message broken = message(topic, "t", "x");
        broken.putUserProperty("other", "1");
        broken.getProperties().put(MessageConst.PROPERTY_TIMER_DELAY_SEC, "soon");
        assertThat(Trial.refusal(() -> producer.send(broken))).isEqualTo(ResponseCode.MESSAGE_ILLEGAL);
    }

    @OnEachTarget
    void recallsWhatIsNotVisibleYet(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        SendResult recalled = producer.send(delayed(topic, "recalled", 8));
        SendResult kept = producer.send(delayed(topic, "kept", 8));
        assertThat(recalled.getRecallHandle()).isNotBlank();
        assertThat(kept.getRecallHandle()).isNotEqualTo(recalled.getRecallHandle());

        assertThat(producer.recallMessage(topic, recalled.getRecallHandle())).isEqualTo(recalled.getMsgId());

        SendResult later = producer.send(delayed(topic, "later", 11));
        assertThat(later.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        Trial.eventually(() -> got.size() == 2);
        assertThat(dev.tally.broker.OfficialClients.texts(got)).containsExactlyInAnyOrder("kept", "later");
    }

    @OnEachTarget
    void refusesToRecallWhatWasDueLongAgo(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        String expired = Base64.getUrlEncoder()
                .encodeToString(("v1 " + topic + " "
                                + producer.fetchPublishMessageQueues(topic)
                                        .get(0)
                                        .getBrokerName() + " 1000 0102030405")
                        .getBytes(StandardCharsets.UTF_8));
        assertThat(Trial.refusal(() -> producer.recallMessage(topic, expired)))
                .isEqualTo(ResponseCode.ILLEGAL_OPERATION);
    }

    private static Message delayed(String topic, String body, int seconds) {
        Message message = message(topic, "t", body);
        message.setDelayTimeSec(seconds);
        return message;
    }
}
