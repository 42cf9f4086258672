package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.PopClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.consumer.AckResult;
import org.apache.rocketmq.client.consumer.AckStatus;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.PopResult;
import org.apache.rocketmq.client.consumer.PopStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.common.message.MessageRequestMode;
import org.apache.rocketmq.remoting.protocol.subscription.SubscriptionGroupConfig;

/** Consumers that pop: messages are theirs for a time, and acknowledged one by one. */
class PopTest {

    private static final long LONG = 120_000;
    private static final long POLL_MILLIS = 5_000;

    /** A group that the broker knows; RocketMQ serves no pop of another one. */
    private static String group(Trial trial) throws Exception {
        String name = trial.name();
        SubscriptionGroupConfig group = new SubscriptionGroupConfig();
        group.setGroupName(name);
        trial.configure(group);
        return name;
    }

    private static void send(Trial trial, String topic, String... bodies) throws Exception {
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        for (String body : bodies) {
            producer.send(message(topic, body, body));
        }
    }

    private static List<MessageExt> pop(PopClient popper, int count, long invisibleMillis) {
        List<MessageExt> got = new ArrayList<>();
        Trial.eventually(() -> {
            PopResult popped = popper.pop(-1, count - got.size(), invisibleMillis, POLL_MILLIS, false, null);
            if (popped.getPopStatus() == PopStatus.FOUND) {
                got.addAll(popped.getMsgFoundList());
            }
            return got.size() >= count;
        });
        return got;
    }

    private static void assertNothingLeft(PopClient popper, long pollMillis) throws Exception {
        PopResult popped = popper.pop(-1, 32, LONG, pollMillis, false, null);
        assertThat(popped.getMsgFoundList()).isNullOrEmpty();
        assertThat(popped.getPopStatus()).isEqualTo(PopStatus.POLLING_NOT_FOUND);
    }

    @OnEachTarget
    void aPushConsumerThatPopsGetsEachMessageOnce(Trial trial) throws Exception {
        String topic = trial.topic(2);
        String group = group(trial);
        trial.popper(topic, group).setMode(MessageRequestMode.POP);
        List<String> got = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 2; i++) {
            DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
            consumer.setClientRebalance(false);
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                got.addAll(texts(messages));
                return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
            consumer.start();
        }
        String[] sent = new String[20];
        for (int i = 0; i < sent.length; i++) {
            sent[i] = "m" + i;
        }
        send(trial, topic, sent);

        Trial.eventually(() -> got.size() >= sent.length);
        assertThat(got).containsExactlyInAnyOrder(sent);
    }

    @OnEachTarget
    void aPushConsumerThatPopsGetsAgainWhatItFailedAt(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = group(trial);
        trial.popper(topic, group).setMode(MessageRequestMode.POP);
        List<String> got = new CopyOnWriteArrayList<>();
        DefaultMQPushConsumer consumer = trial.clients().consumer(group, topic, "*");
        consumer.setClientRebalance(false);
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            MessageExt message = messages.get(0);
            got.add(message.getTopic() + "/" + text(message) + "/" + message.getReconsumeTimes());
            // The first of the client's pop delays is 10 seconds.
            return message.getReconsumeTimes() == 0
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        send(trial, topic, "failing");

        Trial.eventually(() -> got.size() >= 2);
        assertThat(got).containsExactly(topic + "/failing/0", topic + "/failing/1");
    }

    @OnEachTarget
    void hidesWhatIsPoppedAndForgetsWhatIsAcknowledged(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        send(trial, topic, "a", "b", "c");

        List<MessageExt> got = pop(popper, 3, 8_000);

        assertThat(texts(got)).containsExactly("a", "b", "c");
        assertThat(got).allSatisfy(message -> {
            assertThat(message.getTopic()).isEqualTo(topic);
            assertThat(message.getReconsumeTimes()).isZero();
        });
        for (MessageExt message : got) {
            assertThat(popper.acknowledge(message).getStatus()).isEqualTo(AckStatus.OK);
        }
        assertNothingLeft(popper, 15_000);
        send(trial, topic, "d");
        assertThat(texts(pop(popper, 1, LONG))).containsExactly("d");
    }

    @OnEachTarget
    void givesToAnotherOneWhatIsNotAcknowledgedInTime(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = group(trial);
        PopClient popper = trial.popper(topic, group);
        send(trial, topic, "a", "b");
        List<MessageExt> first = pop(popper, 2, 2_000);
        assertThat(popper.acknowledge(first.get(0)).getStatus()).isEqualTo(AckStatus.OK);

        MessageExt again = pop(popper, 1, LONG).get(0);

        assertThat(text(again)).isEqualTo("b");
        assertThat(again.getTopic()).isEqualTo(topic);
        assertThat(again.getMsgId()).isEqualTo(first.get(1).getMsgId());
        assertThat(again.getReconsumeTimes()).isEqualTo(1);
        assertThat(popper.acknowledge(again).getStatus()).isEqualTo(AckStatus.OK);
        assertNothingLeft(popper, POLL_MILLIS);
    }

    @OnEachTarget
    void changesHowLongAMessageIsHidden(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        send(trial, topic, "shorter");
        MessageExt message = pop(popper, 1, LONG).get(0);

        AckResult shortened = popper.changeInvisibleTime(message, 1_000);

        assertThat(shortened.getStatus()).isEqualTo(AckStatus.OK);
        assertThat(shortened.getExtraInfo()).isNotBlank();
        MessageExt again = pop(popper, 1, 2_000).get(0);
        assertThat(text(again)).isEqualTo("shorter");
        assertThat(again.getReconsumeTimes()).isEqualTo(1);
        AckResult extended = popper.changeInvisibleTime(again, LONG);
        assertThat(extended.getStatus()).isEqualTo(AckStatus.OK);
        assertNothingLeft(popper, 8_000);
        assertThat(popper.acknowledge(again.getQueueId(), again.getQueueOffset(), extended.getExtraInfo())
                        .getStatus())
                .isEqualTo(AckStatus.OK);
    }

    @OnEachTarget
    void aReceiptThatIsTooLateAcknowledgesNothing(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        send(trial, topic, "a");
        MessageExt first = pop(popper, 1, 1_000).get(0);
        MessageExt second = pop(popper, 1, 4_000).get(0);

        // Ours says that it is too late, RocketMQ says nothing.
        AckResult late = popper.acknowledge(first);

        assertThat(late.getStatus()).isIn(AckStatus.NO_EXIST, AckStatus.OK);
        assertThat(second.getReconsumeTimes()).isEqualTo(1);
        MessageExt third = pop(popper, 1, LONG).get(0);
        assertThat(text(third)).isEqualTo("a");
        assertThat(third.getReconsumeTimes()).isEqualTo(2);
        assertThat(popper.acknowledge(third).getStatus()).isEqualTo(AckStatus.OK);
        assertNothingLeft(popper, POLL_MILLIS);
    }

    @OnEachTarget
    void acknowledgesManyAtOnce(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        send(trial, topic, "a", "b", "c", "d");
        List<MessageExt> got = pop(popper, 4, 6_000);

        assertThat(popper.acknowledgeAll(List.of(got.get(0), got.get(1), got.get(3)))
                        .getStatus())
                .isEqualTo(AckStatus.OK);

        MessageExt again = pop(popper, 1, LONG).get(0);
        assertThat(text(again)).isEqualTo("c");
        assertThat(popper.acknowledge(again).getStatus()).isEqualTo(AckStatus.OK);
    }

    @OnEachTarget
    void givesEachGroupItsOwn(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient one = trial.popper(topic, group(trial));
        PopClient other = trial.popper(topic, group(trial));
        send(trial, topic, "a");

        MessageExt ofOne = pop(one, 1, LONG).get(0);
        MessageExt ofOther = pop(other, 1, LONG).get(0);

        assertThat(text(ofOther)).isEqualTo(text(ofOne));
        assertThat(one.acknowledge(ofOne).getStatus()).isEqualTo(AckStatus.OK);
        assertThat(other.acknowledge(ofOther).getStatus()).isEqualTo(AckStatus.OK);
        assertNothingLeft(one, 1_000);
        assertNothingLeft(other, 1_000);
    }

    @OnEachTarget
    void wakesAPopThatWaits(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        CompletableFuture<PopResult> waiting = popper.popAsync(-1, 32, LONG, 50_000, false, null);
        send(trial, topic, "a");

        PopResult popped = waiting.get(90, TimeUnit.SECONDS);

        assertThat(popped.getPopStatus()).isEqualTo(PopStatus.FOUND);
        assertThat(texts(popped.getMsgFoundList())).containsExactly("a");
    }

    @OnEachTarget
    void popsByTag(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        send(trial, topic, "blue", "red", "green");
        List<String> got = new ArrayList<>();

        Trial.eventually(() -> {
            PopResult popped = popper.pop(-1, 32, LONG, POLL_MILLIS, false, "red || green");
            if (popped.getPopStatus() == PopStatus.FOUND) {
                got.addAll(texts(popped.getMsgFoundList()));
            }
            return got.size() >= 2;
        });

        assertThat(got).containsExactly("red", "green");
    }

    @OnEachTarget
    void popsInOrderTheNextWhenTheOneBeforeIsDone(Trial trial) throws Exception {
        String topic = trial.topic();
        PopClient popper = trial.popper(topic, group(trial));
        send(trial, topic, "1", "2");
        MessageQueue queue = trial.awaitRoute(topic).get(0);
        List<MessageExt> first = new ArrayList<>();
        Trial.eventually(() -> {
            PopResult popped = popper.pop(queue.getQueueId(), 1, LONG, POLL_MILLIS, true, null);
            if (popped.getPopStatus() == PopStatus.FOUND) {
                first.addAll(popped.getMsgFoundList());
            }
            return !first.isEmpty();
        });
        assertThat(texts(first)).containsExactly("1");
        assertThat(popper.pop(queue.getQueueId(), 1, LONG, 1_000, true, null).getMsgFoundList())
                .as("while the first one is not done")
                .isNullOrEmpty();

        assertThat(popper.acknowledge(first.get(0)).getStatus()).isEqualTo(AckStatus.OK);

        List<String> second = new ArrayList<>();
        Trial.eventually(() -> {
            PopResult popped = popper.pop(queue.getQueueId(), 1, LONG, POLL_MILLIS, true, null);
            if (popped.getPopStatus() == PopStatus.FOUND) {
                second.addAll(texts(popped.getMsgFoundList()));
            }
            return !second.isEmpty();
        });
        assertThat(second).containsExactly("2");
    }
}
