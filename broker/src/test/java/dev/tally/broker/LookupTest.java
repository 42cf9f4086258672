package dev.tally.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.MQAdminImpl;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.BoundaryType;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages looked up by id, key and time with the official client. */
class LookupTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private Path data;

    private Broker broker;
    private OfficialClients clients;

    @BeforeEach
    void start() {
        broker = Broker.start(BrokerConfig.builder(data).build());
        clients = new OfficialClients(broker.address());
    }

    @AfterEach
    void stop() {
        clients.close();
        broker.close();
    }

    /** What {@code mqadmin} looks messages up with. */
    private MQAdminImpl admin() throws MQClientException {
        return clients.producer("admins-" + OfficialClients.nextInstance())
                .getDefaultMQProducerImpl()
                .getMqClientFactory()
                .getMQAdminImpl();
    }

    private static Message keyed(String topic, String keys, String body) {
        return new Message(topic, "t", keys, body.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> texts(QueryResult result) {
        return OfficialClients.texts(result.getMessageList());
    }

    @Test
    void findsByUniqueKeyByBusinessKeyAndByOffsetId() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        SendResult first = producer.send(keyed("keys", "order-1 customer-7", "first"));
        SendResult second = producer.send(keyed("keys", "order-2 customer-7", "second"));
        producer.send(keyed("other", "order-1", "elsewhere"));
        List<Message> batch = List.of(keyed("keys", "order-3", "third"), keyed("keys", "order-4 customer-7", "fourth"));
        producer.send(batch);

        assertThat(OfficialClients.text(producer.viewMessage("keys", first.getOffsetMsgId())))
                .isEqualTo("first");
        MQAdminImpl admin = admin();
        MessageExt byUniqueKey = admin.queryMessageByUniqKey("keys", second.getMsgId());
        assertThat(OfficialClients.text(byUniqueKey)).isEqualTo("second");
        assertThat(byUniqueKey.getQueueOffset()).isEqualTo(second.getQueueOffset());
        assertThatThrownBy(() -> admin.queryMessageByUniqKey("other", second.getMsgId()))
                .isInstanceOf(MQClientException.class);

        assertThat(texts(producer.queryMessage("keys", "order-1", 10, 0, Long.MAX_VALUE)))
                .containsExactly("first");
        assertThat(texts(producer.queryMessage("keys", "order-3", 10, 0, Long.MAX_VALUE)))
                .containsExactly("third");
        assertThat(texts(producer.queryMessage("keys", "customer-7", 10, 0, Long.MAX_VALUE)))
                .containsExactlyInAnyOrder("first", "second", "fourth");
        assertThat(texts(producer.queryMessage("keys", "customer-7", 2, 0, Long.MAX_VALUE)))
                .as("the newest ones")
                .containsExactlyInAnyOrder("second", "fourth");
        for (String absent : List.of("order", "order-1 customer-7", "order-11", "customer")) {
            assertThatThrownBy(() -> producer.queryMessage("keys", absent, 10, 0, Long.MAX_VALUE))
                    .as(absent)
                    .isInstanceOf(MQClientException.class);
        }
        assertThatThrownBy(() -> producer.queryMessage("keys", "order-1", 10, 0, 1))
                .as("stored later")
                .isInstanceOf(MQClientException.class);
        assertThatThrownBy(() -> admin.viewMessage("keys", "7F00000100002A9F0000000000000001"))
                .isInstanceOf(Exception.class);
    }

    @Test
    void findsTheSameAfterARestartAlsoWithoutTheIndexFiles() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        List<SendResult> sent = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            sent.add(producer.send(keyed("kept", "order-" + i + " all", "m" + i)));
        }
        for (boolean lost : List.of(false, true)) {
            clients.close();
            broker.close();
            if (lost) {
                try (var files = java.nio.file.Files.list(data.resolve("keys"))) {
                    List<Path> keys = files.toList();
                    assertThat(keys).isNotEmpty();
                    for (Path file : keys) {
                        java.nio.file.Files.delete(file);
                    }
                }
            }
            start();
            DefaultMQProducer asking = clients.producer("askers");
            MQAdminImpl admin = admin();
            for (int i = 0; i < 50; i += 7) {
                assertThat(texts(asking.queryMessage("kept", "order-" + i, 10, 0, Long.MAX_VALUE)))
                        .containsExactly("m" + i);
                assertThat(OfficialClients.text(
                                admin.queryMessageByUniqKey("kept", sent.get(i).getMsgId())))
                        .isEqualTo("m" + i);
            }
            assertThat(texts(asking.queryMessage("kept", "all", 64, 0, Long.MAX_VALUE)))
                    .hasSize(50);
        }
    }

    @Test
    void findsATransactionalMessageOnlyWhenItIsCommitted() throws Exception {
        MQAdminImpl admin = admin();
        TransactionMQProducer producer = clients.transactionProducer("tx-senders", new TransactionListener() {
            @Override
            public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
                assertThatThrownBy(() -> admin.queryMessage("tx", message.getKeys(), 10, 0, Long.MAX_VALUE))
                        .isInstanceOf(MQClientException.class);
                return (LocalTransactionState) argument;
            }

            @Override
            public LocalTransactionState checkLocalTransaction(MessageExt message) {
                return LocalTransactionState.UNKNOW;
            }
        });
        TransactionSendResult committed = producer.sendMessageInTransaction(
                keyed("tx", "committed", "committed"), LocalTransactionState.COMMIT_MESSAGE);
        producer.sendMessageInTransaction(
                keyed("tx", "rolled-back", "rolled back"), LocalTransactionState.ROLLBACK_MESSAGE);
        assertThat(committed.getLocalTransactionState()).isEqualTo(LocalTransactionState.COMMIT_MESSAGE);
        await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> assertThat(
                        texts(producer.queryMessage("tx", "committed", 10, 0, Long.MAX_VALUE)))
                .containsExactly("committed"));
        assertThatThrownBy(() -> producer.queryMessage("tx", "rolled-back", 10, 0, Long.MAX_VALUE))
                .isInstanceOf(MQClientException.class);
    }

    @Test
    void findsOffsetsByTimeWithBothBoundaries() throws Exception {
        DefaultMQProducer producer = clients.producer("senders");
        MessageQueue queue = null;
        for (int i = 0; i < 5; i++) {
            MessageQueue to = queue;
            Message message = OfficialClients.message("times", "t", "m" + i);
            SendResult sent = to == null ? producer.send(message) : producer.send(message, to);
            queue = sent.getMessageQueue();
            long before = System.currentTimeMillis();
            await().atMost(PATIENCE).until(() -> System.currentTimeMillis() > before + 20);
        }
        MessageQueue times = queue;
        List<Long> stored = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            stored.add(broker.store()
                    .read("times", times.getQueueId(), i, 1, 1, hash -> true)
                    .messages()
                    .get(0)
                    .storedAtMillis());
        }
        MQAdminImpl admin = admin();
        for (int i = 0; i < 5; i++) {
            assertThat(admin.searchOffset(times, stored.get(i))).isEqualTo(i);
            assertThat(admin.searchOffset(times, stored.get(i) + 1)).isEqualTo(i + 1);
            assertThat(admin.searchOffset(times, stored.get(i), BoundaryType.LOWER))
                    .isEqualTo(i);
            assertThat(admin.searchOffset(times, stored.get(i) - 1, BoundaryType.LOWER))
                    .isEqualTo(i);
            assertThat(admin.searchOffset(times, stored.get(i), BoundaryType.UPPER))
                    .isEqualTo(i);
            assertThat(admin.searchOffset(times, stored.get(i) + 1, BoundaryType.UPPER))
                    .isEqualTo(i);
        }
        assertThat(admin.searchOffset(times, 0)).isZero();
        assertThat(admin.searchOffset(times, 0, BoundaryType.UPPER)).isZero();
        assertThat(admin.searchOffset(times, Long.MAX_VALUE, BoundaryType.UPPER))
                .isEqualTo(4);
        assertThat(admin.searchOffset(times, Long.MAX_VALUE)).isEqualTo(5);
        assertThat(admin.minOffset(times)).isZero();
        assertThat(admin.maxOffset(times)).isEqualTo(5);
        assertThat(admin.earliestMsgStoreTime(times)).isEqualTo(stored.get(0));
    }
}
