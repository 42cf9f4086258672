package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static dev.tally.broker.OfficialClients.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Half messages and what becomes of them. */
class TransactionTest {

    /** Decides by the body at once, and by the count of questions later. */
    private static final class Decider implements TransactionListener {
        private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
        private final List<MessageExt> questions = new CopyOnWriteArrayList<>();

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return (LocalTransactionState) argument;
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            questions.add(message);
            int times = asked.computeIfAbsent(text(message), body -> new AtomicInteger())
                    .incrementAndGet();
            return switch (text(message)) {
                case "commit when asked" -> LocalTransactionState.COMMIT_MESSAGE;
                case "roll back when asked" -> LocalTransactionState.ROLLBACK_MESSAGE;
                default -> times < 2 ? LocalTransactionState.UNKNOW : LocalTransactionState.COMMIT_MESSAGE;
            };
        }
    }

    @OnEachTarget
    void showsWhatIsCommittedAndHidesWhatIsRolledBack(Trial trial) throws Exception {
        String topic = trial.topic(2);
        TransactionMQProducer producer = trial.clients().transactionProducer(trial.name(), new Decider());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        producer.sendMessageInTransaction(message(topic, "t", "gone"), LocalTransactionState.ROLLBACK_MESSAGE);
        Message message = message(topic, "blue", "committed");
        message.setKeys("k");
        message.putUserProperty("mine", "kept");

        TransactionSendResult sent = producer.sendMessageInTransaction(message, LocalTransactionState.COMMIT_MESSAGE);

        assertThat(sent.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(sent.getLocalTransactionState()).isEqualTo(LocalTransactionState.COMMIT_MESSAGE);
        assertThat(sent.getTransactionId()).isEqualTo(sent.getMsgId());
        Trial.eventually(() -> !got.isEmpty());
        assertThat(texts(got)).containsExactly("committed");
        MessageExt arrived = got.get(0);
        assertThat(arrived.getTopic()).isEqualTo(topic);
        assertThat(arrived.getQueueId()).isEqualTo(sent.getMessageQueue().getQueueId());
        assertThat(arrived.getQueueOffset()).isZero();
        assertThat(arrived.getMsgId()).isEqualTo(sent.getMsgId());
        assertThat(arrived.getTransactionId()).isEqualTo(sent.getMsgId());
        assertThat(arrived.getTags()).isEqualTo("blue");
        assertThat(arrived.getKeys()).isEqualTo("k");
        assertThat(arrived.getUserProperty("mine")).isEqualTo("kept");
        assertThat(arrived.getProperty(MessageConst.PROPERTY_TRANSACTION_PREPARED))
                .isEqualTo("true");
    }

    @OnEachTarget
    void asksTheProducerAboutWhatIsUndecided(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        Decider decider = new Decider();
        TransactionMQProducer producer = trial.clients().transactionProducer(group, decider);
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        for (String body : List.of("commit when asked", "roll back when asked", "commit at the second question")) {
            producer.sendMessageInTransaction(message(topic, "t", body), LocalTransactionState.UNKNOW);
        }

        Trial.eventually(() -> got.size() >= 2 && decider.asked.containsKey("roll back when asked"));
        assertThat(texts(got)).containsExactlyInAnyOrder("commit when asked", "commit at the second question");
        assertThat(decider.asked.get("commit at the second question")).hasValueGreaterThanOrEqualTo(2);
        MessageExt question = decider.questions.get(0);
        assertThat(question.getTopic()).isEqualTo(topic);
        assertThat(question.getTransactionId()).isNotBlank();
        assertThat(question.getProperty(MessageConst.PROPERTY_PRODUCER_GROUP)).isEqualTo(group);
    }

    @OnEachTarget
    void anyProducerOfTheGroupCanAnswer(Trial trial) throws Exception {
        String topic = trial.topic();
        String group = trial.name();
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Decider deciderOfOther = new Decider();
        try (var gone = trial.clients(c -> {})) {
            TransactionMQProducer first = gone.transactionProducer(group, new Decider());
            first.sendMessageInTransaction(message(topic, "t", "commit when asked"), LocalTransactionState.UNKNOW);
        }
        TransactionMQProducer other = trial.clients().transactionProducer(group, deciderOfOther);
        // A producer registers with the first heartbeat after it knows a broker.
        other.sendMessageInTransaction(message(topic, "t", "hello"), LocalTransactionState.ROLLBACK_MESSAGE);

        Trial.eventually(() -> !got.isEmpty());
        assertThat(texts(got)).containsExactly("commit when asked");
    }

    @OnEachTarget
    void keepsTheOrderOfCommitsInAQueue(Trial trial) throws Exception {
        String topic = trial.topic();
        TransactionMQProducer producer = trial.clients().transactionProducer(trial.name(), new Decider());
        for (int i = 0; i < 5; i++) {
            producer.sendMessageInTransaction(message(topic, "t", "m" + i), LocalTransactionState.COMMIT_MESSAGE);
            // The client does not wait for its commits, and RocketMQ may carry out two of them at once.
            awaitVisible(producer, topic, i + 1);
        }
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Trial.eventually(() -> got.size() == 5);
        assertThat(got.stream()
                        .sorted(java.util.Comparator.comparingLong(MessageExt::getQueueOffset))
                        .map(m -> text(m)))
                .containsExactly("m0", "m1", "m2", "m3", "m4");
    }

    private static void awaitVisible(TransactionMQProducer producer, String topic, long messages) throws Exception {
        MessageQueue queue = producer.fetchPublishMessageQueues(topic).get(0);
        Trial.eventually(() -> producer.maxOffset(queue) == messages);
    }
}
