package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.broker.OfficialClients;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.UtilAll;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.heartbeat.MessageModel;

/** Push consumers: who gets what, from where on, and how often. */
class PushConsumeTest {

    private static List<String> send(DefaultMQProducer producer, String topic, String tag, int from, int to)
            throws Exception {
        List<String> bodies = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String body = tag + i;
            producer.send(message(topic, tag, body));
            bodies.add(body);
        }
        return bodies;
    }

    private static List<MessageExt> start(DefaultMQPushConsumer consumer) throws Exception {
        List<MessageExt> got = new CopyOnWriteArrayList<>();
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            got.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        return got;
    }

    @OnEachTarget
    void dividesTheQueuesAmongAGroupsMembers(Trial trial) throws Exception {
        String topic = trial.topic(4);
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        DefaultMQPushConsumer first = trial.clients().consumer(group, topic, "*");
        DefaultMQPushConsumer second = trial.clients().consumer(group, topic, "*");
        List<MessageExt> firsts = start(first);
        List<MessageExt> seconds = start(second);
        Trial.eventually(() -> owned(first, topic) == 2 && owned(second, topic) == 2);

        for (MessageQueue queue : producer.fetchPublishMessageQueues(topic)) {
            for (int i = 0; i < 5; i++) {
                producer.send(message(topic, "t", queue.getQueueId() + ":" + i), queue);
            }
        }

        Trial.eventually(() -> firsts.size() + seconds.size() >= 20);
        assertThat(firsts).hasSize(10);
        assertThat(seconds).hasSize(10);
        Set<Integer> queuesOfFirst = new TreeSet<>();
        firsts.forEach(message -> queuesOfFirst.add(message.getQueueId()));
        assertThat(queuesOfFirst).hasSize(2);
        assertThat(seconds).noneMatch(message -> queuesOfFirst.contains(message.getQueueId()));
    }

    @OnEachTarget
    void givesTheQueuesOfAMemberThatLeavesToTheOthers(Trial trial) throws Exception {
        String topic = trial.topic(4);
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        DefaultMQPushConsumer stays = trial.clients().consumer(group, topic, "*");
        List<MessageExt> got = start(stays);
        try (OfficialClients leaving = trial.clients(c -> {})) {
            DefaultMQPushConsumer leaves = leaving.consumer(group, topic, "*");
            var unused = start(leaves);
            Trial.eventually(() -> owned(stays, topic) == 2 && owned(leaves, topic) == 2);
        }

        Trial.eventually(() -> owned(stays, topic) == 4);
        List<String> sent = send(producer, topic, "t", 0, 12);
        Trial.eventually(() -> got.size() >= 12);
        assertThat(texts(got)).containsExactlyInAnyOrderElementsOf(sent);
    }

    private static long owned(DefaultMQPushConsumer consumer, String topic) {
        return consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet().stream()
                .filter(queue -> queue.getTopic().equals(topic))
                .count();
    }

    @OnEachTarget
    void givesEveryBroadcastingMemberEverything(Trial trial) throws Exception {
        String topic = trial.topic(2);
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<List<MessageExt>> all = new ArrayList<>();
        List<DefaultMQPushConsumer> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            DefaultMQPushConsumer member = trial.clients().consumer(group, topic, "*");
            member.setMessageModel(MessageModel.BROADCASTING);
            all.add(start(member));
            members.add(member);
        }
        Trial.eventually(() -> members.stream().allMatch(member -> owned(member, topic) == 2));
        List<String> sent = send(producer, topic, "t", 0, 6);

        Trial.eventually(() -> all.stream().allMatch(got -> got.size() >= 6));
        assertThat(all).allSatisfy(got -> assertThat(texts(got)).containsExactlyInAnyOrderElementsOf(sent));
    }

    @OnEachTarget
    void filtersByTagsAndTheirAlternatives(Trial trial) throws Exception {
        String topic = trial.topic(2);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> some = trial.clients().consumed(trial.name(), topic, "red || blue");
        List<MessageExt> all = trial.clients().consumed(trial.name(), topic, "*");
        for (String tag : List.of("red", "green", "blue", "redder")) {
            producer.send(message(topic, tag, tag));
        }
        producer.send(new Message(topic, "untagged".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        producer.send(message(topic, "red", "red again"));

        Trial.eventually(() -> all.size() == 6 && some.size() >= 3);
        assertThat(texts(some)).containsExactlyInAnyOrder("red", "blue", "red again");
    }

    @OnEachTarget
    void tellsTagsOfOneHashApart(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "Aa");
        producer.send(message(topic, "BB", "other"));
        producer.send(message(topic, "Aa", "mine"));

        Trial.eventually(() -> got.size() >= 1);
        assertThat(texts(got)).containsExactly("mine");
    }

    @OnEachTarget
    void handsMessagesOutInBatchesUpToTheSizeAskedFor(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<String> sent = send(producer, topic, "t", 0, 30);
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        consumer.setConsumeMessageBatchMaxSize(8);
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        List<MessageExt> got = new CopyOnWriteArrayList<>();
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            sizes.add(messages.size());
            got.addAll(messages);
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();

        Trial.eventually(() -> got.size() == 30);
        assertThat(texts(got)).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(sizes).allMatch(size -> size <= 8).contains(8);
    }

    @OnEachTarget
    void goesOnWhereTheGroupStopped(Trial trial) throws Exception {
        String topic = trial.topic(2);
        String group = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        send(producer, topic, "before", 0, 6);
        try (OfficialClients stopped = trial.clients(c -> {})) {
            List<MessageExt> got = stopped.consumed(group, topic, "*");
            Trial.eventually(() -> got.size() == 6);
        }
        List<String> missed = send(producer, topic, "missed", 0, 6);

        List<MessageExt> got = trial.clients().consumed(group, topic, "*");

        Trial.eventually(() -> got.size() >= 6);
        assertThat(texts(got)).containsExactlyInAnyOrderElementsOf(missed);
    }

    @OnEachTarget
    void aNewGroupStartsAtTheBeginningOfATopicThatIsStillWhole(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<String> sent = send(producer, topic, "t", 0, 3);
        DefaultMQPushConsumer last = trial.clients().consumer(trial.name(), topic, "*");
        last.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_LAST_OFFSET);
        DefaultMQPushConsumer timed = trial.clients().consumer(trial.name(), topic, "*");
        timed.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_TIMESTAMP);
        timed.setConsumeTimestamp(UtilAll.timeMillisToHumanString3(System.currentTimeMillis() + 3_600_000));

        List<MessageExt> gotByLast = start(last);
        List<MessageExt> gotByTime = start(timed);

        Trial.eventually(() -> gotByLast.size() == 3 && gotByTime.size() == 3);
        assertThat(texts(gotByLast)).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(texts(gotByTime)).containsExactlyInAnyOrderElementsOf(sent);
    }

    @OnEachTarget
    void getsNothingWhileItIsSuspendedAndAllOfItAfterwards(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> witness = trial.clients().consumed(trial.name(), topic, "*");
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        List<MessageExt> got = start(consumer);
        List<String> sent = new ArrayList<>(send(producer, topic, "before", 0, 1));
        Trial.eventually(() -> got.size() == 1);

        consumer.suspend();
        // One pull may be under way and bring the first of these.
        sent.addAll(send(producer, topic, "during", 0, 5));
        Trial.eventually(() -> witness.size() == 6);
        consumer.resume();

        Trial.eventually(() -> got.size() >= 6);
        assertThat(texts(got)).containsExactlyInAnyOrderElementsOf(sent);
    }

    @OnEachTarget
    void getsWhatComesAfterItStartedWithoutDelay(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        DefaultMQPushConsumer consumer = trial.clients().consumer(trial.name(), topic, "*");
        List<MessageExt> got = start(consumer);
        Trial.eventually(() -> owned(consumer, topic) == 1);
        for (int i = 0; i < 5; i++) {
            int expected = i + 1;
            producer.send(message(topic, "t", "m" + i));
            Trial.eventually(() -> got.size() == expected);
        }
        assertThat(got.stream().map(OfficialClients::text))
                .containsExactlyElementsOf(
                        IntStream.range(0, 5).mapToObj(i -> "m" + i).toList());
        assertThat(text(got.get(4))).isEqualTo("m4");
    }

    @OnEachTarget
    void severalGroupsEachGetEverything(Trial trial) throws Exception {
        String topic = trial.topic(2);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> one = trial.clients().consumed(trial.name(), topic, "*");
        List<MessageExt> other = trial.clients().consumed(trial.name(), topic, "*");
        List<String> sent = send(producer, topic, "t", 0, 10);
        Trial.eventually(() -> one.size() >= 10 && other.size() >= 10);
        assertThat(texts(one)).containsExactlyInAnyOrderElementsOf(sent);
        assertThat(texts(other)).containsExactlyInAnyOrderElementsOf(sent);
    }
}
