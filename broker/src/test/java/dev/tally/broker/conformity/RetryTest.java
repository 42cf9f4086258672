package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyContext;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RequestCode;
import org.apache.rocketmq.remoting.protocol.ResponseCode;
import org.apache.rocketmq.remoting.protocol.header.ConsumerSendMsgBackRequestHeader;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;

/** What becomes of messages that a concurrent consumer could not handle. */
class RetryTest {

    /** One delivery: its body, how often it was redelivered, when it came, and the message. */
    private record Delivery(String body, int times, long millis, MessageExt message) {}

    @FunctionalInterface
    private interface Verdict {
        ConsumeConcurrentlyStatus on(MessageExt message, ConsumeConcurrentlyContext context);
    }

    private static List<Delivery> start(DefaultMQPushConsumer consumer, Verdict verdict) throws Exception {
        List<Delivery> got = new CopyOnWriteArrayList<>();
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            got.add(new Delivery(text(message), message.getReconsumeTimes(), System.currentTimeMillis(), message));
            return verdict.on(message, context);
        });
        consumer.start();
        return got;
    }

    private static List<MessageExt> deadLetters(Trial trial, String group) throws Exception {
        String topic = "%DLQ%" + group;
        var unused = trial.awaitRoute(topic);
        return trial.clients().consumed(trial.name(), topic, "*");
    }

    @OnEachTarget
    void redeliversWithItsTopicAndIdAndACountUntilItSucceeds(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        Message message = message(topic, "blue", "again");
        message.setKeys("k");
        message.putUserProperty("mine", "kept");
        SendResult sent = producer.send(message);

        List<Delivery> got = start(
                trial.clients().consumer(group, topic, "blue"),
                (m, context) -> m.getReconsumeTimes() < 2
                        ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                        : ConsumeConcurrentlyStatus.CONSUME_SUCCESS);

        Trial.eventually(() -> got.size() == 3);
        assertThat(got).extracting(Delivery::times).containsExactly(0, 1, 2);
        MessageExt last = got.get(2).message;
        assertThat(last.getTopic()).isEqualTo(topic);
        assertThat(last.getMsgId()).isEqualTo(sent.getMsgId());
        assertThat(last.getTags()).isEqualTo("blue");
        assertThat(last.getKeys()).isEqualTo("k");
        assertThat(last.getUserProperty("mine")).isEqualTo("kept");
        assertThat(last.getProperty(MessageConst.PROPERTY_RETRY_TOPIC)).isEqualTo(topic);
        assertThat(last.getProperty(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID)).isEqualTo(sent.getOffsetMsgId());
        assertThat(got.get(1).millis - got.get(0).millis).isGreaterThan(800);
    }

    @OnEachTarget
    void keepsAsDeadLetterWhatFailsAtTheLastTry(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        SendResult sent = producer.send(message(topic, "t", "poison"));
        DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
        consumer.setMaxReconsumeTimes(1);

        List<Delivery> got = start(consumer, (m, context) -> ConsumeConcurrentlyStatus.RECONSUME_LATER);

        Trial.eventually(() -> got.size() == 2);
        List<MessageExt> dead = deadLetters(trial, group);
        Trial.eventually(() -> dead.size() == 1);
        MessageExt letter = dead.get(0);
        assertThat(text(letter)).isEqualTo("poison");
        assertThat(letter.getMsgId()).isEqualTo(sent.getMsgId());
        assertThat(letter.getReconsumeTimes()).isEqualTo(2);
        assertThat(letter.getProperty(MessageConst.PROPERTY_RETRY_TOPIC)).isEqualTo(topic);
        assertThat(letter.getProperty(MessageConst.PROPERTY_ORIGIN_MESSAGE_ID)).isEqualTo(sent.getOffsetMsgId());
        assertThat(got).extracting(Delivery::times).containsExactly(0, 1);
    }

    @OnEachTarget
    void aListenerThatThrowsOrAnswersNothingIsOneThatFails(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.send(message(topic, "t", "throws"));
        producer.send(message(topic, "t", "null"));

        List<Delivery> got = start(trial.clients().consumer(trial.name(), topic, "*"), (m, context) -> {
            if (m.getReconsumeTimes() > 0) {
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            }
            if (text(m).equals("throws")) {
                throw new IllegalStateException("on purpose");
            }
            return null;
        });

        Trial.eventually(() -> got.size() == 4);
        assertThat(got)
                .extracting(delivery -> delivery.body + " " + delivery.times)
                .containsExactlyInAnyOrder("throws 0", "null 0", "throws 1", "null 1");
    }

    @OnEachTarget
    void waitsAsLongAsTheListenerAsksFor(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.send(message(topic, "t", "later"));

        List<Delivery> got = start(trial.clients().consumer(trial.name(), topic, "*"), (m, context) -> {
            context.setDelayLevelWhenNextConsume(2);
            return m.getReconsumeTimes() == 0
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });

        Trial.eventually(() -> got.size() == 2);
        assertThat(got.get(1).millis - got.get(0).millis).isGreaterThan(1800);
    }

    @OnEachTarget
    void goesToTheDeadLettersAtOnceWhereTheListenerSaysSo(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.send(message(topic, "t", "hopeless"));

        List<Delivery> got = start(trial.clients().consumer(group, topic, "*"), (m, context) -> {
            context.setDelayLevelWhenNextConsume(-1);
            return ConsumeConcurrentlyStatus.RECONSUME_LATER;
        });

        List<MessageExt> dead = deadLetters(trial, group);
        Trial.eventually(() -> dead.size() == 1);
        assertThat(text(dead.get(0))).isEqualTo("hopeless");
        assertThat(got).hasSize(1);
    }

    @OnEachTarget
    void repeatsOfABatchOnlyWhatWasNotAcknowledged(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            batch.add(message(topic, "t", "m" + i));
        }
        producer.send(batch);
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        consumer.setConsumeMessageBatchMaxSize(4);
        List<String> failed = new CopyOnWriteArrayList<>();
        List<String> repeated = new CopyOnWriteArrayList<>();
        List<String> firsts = new CopyOnWriteArrayList<>();
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                (message.getReconsumeTimes() == 0 ? firsts : repeated).add(text(message));
            }
            if (messages.get(0).getReconsumeTimes() == 0) {
                context.setAckIndex(0);
                messages.stream().skip(1).forEach(message -> failed.add(text(message)));
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();

        Trial.eventually(() -> firsts.size() == 4 && repeated.size() >= failed.size());
        assertThat(repeated).containsExactlyInAnyOrderElementsOf(failed);
    }

    @OnEachTarget
    void aGroupsOwnLimitHoldsWhereTheConsumerHasNone(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        SubscriptionGroupConfig config = new SubscriptionGroupConfig();
        config.setGroupName(group);
        config.setRetryMaxTimes(1);
        trial.configure(config);
        SendResult sent = trial.clients().producer(trial.name()).send(message(topic, "t", "poison"));
        assertThat(sendBack(trial, group, sent, 0, null).getCode()).isEqualTo(ResponseCode.SUCCESS);
        List<MessageExt> retried = trial.clients().consumed(trial.name(), "%RETRY%" + group, "*");
        Trial.eventually(() -> retried.size() == 1);
        assertThat(retried.get(0).getReconsumeTimes()).isEqualTo(1);

        assertThat(sendBack(trial, group, retried.get(0).getCommitLogOffset(), 0, null)
                        .getCode())
                .isEqualTo(ResponseCode.SUCCESS);

        List<MessageExt> dead = deadLetters(trial, group);
        Trial.eventually(() -> dead.size() == 1);
        assertThat(text(dead.get(0))).isEqualTo("poison");
    }

    @OnEachTarget
    void refusesToTakeBackWhatIsNotThere(Trial trial) throws Exception {
        String group = trial.name();
        SubscriptionGroupConfig config = new SubscriptionGroupConfig();
        config.setGroupName(group);
        trial.configure(config);
        assertThat(sendBack(trial, group, 1L << 50, 0, 3).getCode()).isEqualTo(ResponseCode.SYSTEM_ERROR);
    }

    private static RemotingCommand sendBack(Trial trial, String group, SendResult sent, int level, Integer most)
            throws Exception {
        long position = org.apache.rocketmq.common.message.MessageDecoder.decodeMessageId(sent.getOffsetMsgId())
                .getOffset();
        return sendBack(trial, group, position, level, most);
    }

    private static RemotingCommand sendBack(Trial trial, String group, long position, int level, Integer most)
            throws Exception {
        ConsumerSendMsgBackRequestHeader header = new ConsumerSendMsgBackRequestHeader();
        header.setGroup(group);
        header.setOriginTopic("any");
        header.setOffset(position);
        header.setDelayLevel(level);
        header.setMaxReconsumeTimes(most);
        return trial.call(RemotingCommand.createRequestCommand(RequestCode.CONSUMER_SEND_MSG_BACK, header));
    }
}
