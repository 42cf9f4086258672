package dev.tally.broker.conformity;

import static dev.tally.broker.OfficialClients.message;
import static dev.tally.broker.OfficialClients.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageConst;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** What a producer that sends plain messages meets, and what of them arrives. */
class SendTest {

    @OnEachTarget
    void answersASendWithPlaceAndIdsThatTheConsumerSeesAsWell(Trial trial) throws Exception {
        String topic = trial.topic(4);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        Message message = message(topic, "blue", "hello");
        message.setKeys(List.of("k1", "k2"));
        message.setFlag(7);
        message.putUserProperty("colour", "dark blue");

        SendResult sent = producer.send(message);

        assertThat(sent.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(sent.getMsgId()).isEqualTo(message.getProperty(MessageConst.PROPERTY_UNIQ_CLIENT_MESSAGE_ID_KEYIDX));
        assertThat(MessageDecoder.decodeMessageId(sent.getOffsetMsgId()).getOffset())
                .isNotNegative();
        assertThat(sent.getQueueOffset()).isZero();
        assertThat(sent.getTransactionId()).isEqualTo(sent.getMsgId());
        assertThat(sent.getRecallHandle()).isNull();
        assertThat(sent.getRegionId()).isEqualTo("DefaultRegion");
        assertThat(sent.isTraceOn()).isTrue();
        Trial.eventually(() -> got.size() == 1);
        MessageExt arrived = got.get(0);
        assertThat(text(arrived)).isEqualTo("hello");
        assertThat(arrived.getTopic()).isEqualTo(topic);
        assertThat(arrived.getTags()).isEqualTo("blue");
        assertThat(arrived.getKeys()).isEqualTo("k1 k2");
        assertThat(arrived.getFlag()).isEqualTo(7);
        assertThat(arrived.getUserProperty("colour")).isEqualTo("dark blue");
        assertThat(arrived.getMsgId()).isEqualTo(sent.getMsgId());
        assertThat(arrived.getQueueId()).isEqualTo(sent.getMessageQueue().getQueueId());
        assertThat(arrived.getQueueOffset()).isZero();
        assertThat(arrived.getReconsumeTimes()).isZero();
        assertThat(arrived.getBornTimestamp()).isPositive().isLessThanOrEqualTo(arrived.getStoreTimestamp());
        assertThat(arrived.getBrokerName()).isEqualTo(sent.getMessageQueue().getBrokerName());
        assertThat(MessageDecoder.createMessageId(arrived.getStoreHost(), arrived.getCommitLogOffset()))
                .isEqualTo(sent.getOffsetMsgId());
    }

    @OnEachTarget
    void numbersAQueuesMessagesFromZeroWithoutGaps(Trial trial) throws Exception {
        String topic = trial.topic(2);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageQueue> queues = producer.fetchPublishMessageQueues(topic);
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            offsets.add(
                    producer.send(message(topic, "t", "m" + i), queues.get(1)).getQueueOffset());
        }
        assertThat(offsets).containsExactly(0L, 1L, 2L, 3L, 4L);
        assertThat(producer.maxOffset(queues.get(1))).isEqualTo(5);
        assertThat(producer.minOffset(queues.get(1))).isZero();
        assertThat(producer.maxOffset(queues.get(0))).isZero();
    }

    @OnEachTarget
    void takesAsyncAndOneWaySends(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        CompletableFuture<SendResult> sent = new CompletableFuture<>();
        producer.send(message(topic, "t", "async"), new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
                sent.complete(result);
            }

            @Override
            public void onException(Throwable e) {
                sent.completeExceptionally(e);
            }
        });
        assertThat(sent.get(60, TimeUnit.SECONDS).getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        producer.sendOneway(message(topic, "t", "one way"));

        Trial.eventually(() -> got.size() == 2);
        assertThat(dev.tally.broker.OfficialClients.texts(got)).containsExactlyInAnyOrder("async", "one way");
    }

    @OnEachTarget
    void storesABatchOneBesideTheOther(Trial trial) throws Exception {
        String topic = trial.topic(3);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        List<Message> batch = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Message message = message(topic, "tag" + i % 2, "batch " + i);
            message.setKeys("key" + i);
            batch.add(message);
        }

        SendResult sent = producer.send(batch);

        assertThat(sent.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(sent.getMsgId().split(",")).hasSize(10);
        assertThat(sent.getOffsetMsgId().split(",")).hasSize(10);
        assertThat(sent.getQueueOffset()).isZero();
        Trial.eventually(() -> got.size() == 10);
        assertThat(got).allSatisfy(message -> assertThat(message.getQueueId())
                .isEqualTo(sent.getMessageQueue().getQueueId()));
        assertThat(got.stream().map(MessageExt::getQueueOffset).sorted())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
        MessageExt seventh =
                got.stream().filter(m -> m.getQueueOffset() == 7).findFirst().orElseThrow();
        assertThat(text(seventh)).isEqualTo("batch 7");
        assertThat(seventh.getTags()).isEqualTo("tag1");
        assertThat(seventh.getKeys()).isEqualTo("key7");
        assertThat(seventh.getMsgId()).isEqualTo(sent.getMsgId().split(",")[7]);
    }

    @OnEachTarget
    void keepsTheOrderOfWhatASelectorPutsIntoOneQueue(Trial trial) throws Exception {
        String topic = trial.topic(4);
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        SelectMessageQueueByHash byHash = new SelectMessageQueueByHash();
        for (int i = 0; i < 20; i++) {
            producer.send(message(topic, "t", "order" + i % 2 + ":" + i), byHash, "order" + i % 2);
        }
        Trial.eventually(() -> got.size() == 20);
        for (String order : List.of("order0", "order1")) {
            List<MessageExt> its =
                    got.stream().filter(m -> text(m).startsWith(order)).toList();
            assertThat(its.stream().map(MessageExt::getQueueId).distinct()).hasSize(1);
            assertThat(its.stream()
                            .sorted(java.util.Comparator.comparingLong(MessageExt::getQueueOffset))
                            .map(m -> Integer.parseInt(text(m).split(":")[1])))
                    .isSorted();
        }
    }

    @OnEachTarget
    void createsATopicWithTheFirstSend(Trial trial) throws Exception {
        String topic = trial.name();
        DefaultMQProducer producer = trial.clients().producer(trial.name());

        SendResult sent = producer.send(message(topic, "t", "first"));

        assertThat(sent.getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        Trial.eventually(() -> producer.viewMessage(topic, sent.getOffsetMsgId()) != null);
        assertThat(trial.awaitRoute(topic)).hasSize(4);
    }

    @OnEachTarget
    void passesBodiesAndPropertiesOfAnyCharactersOn(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        Message message = new Message(topic, "标签-é", "键 ключ", bytes);
        message.putUserProperty("名字", "值 ☃ \uD83D\uDE00 = | \" ' \\ \n\t;");
        message.putUserProperty("spaces", "  kept  ");
        producer.send(message);

        Trial.eventually(() -> got.size() == 1);
        assertThat(got.get(0).getBody()).isEqualTo(bytes);
        assertThat(got.get(0).getTags()).isEqualTo("标签-é");
        assertThat(got.get(0).getKeys()).isEqualTo("键 ключ");
        assertThat(got.get(0).getUserProperty("名字")).isEqualTo("值 ☃ \uD83D\uDE00 = | \" ' \\ \n\t;");
        assertThat(got.get(0).getUserProperty("spaces")).isEqualTo("  kept  ");
    }

    @OnEachTarget
    void passesACompressedBodyOnAsItWas(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        producer.setCompressMsgBodyOverHowmuch(1000);
        List<MessageExt> got = trial.clients().consumed(trial.name(), topic, "*");
        String text = "tell me again ".repeat(2000);
        producer.send(message(topic, "t", text));

        Trial.eventually(() -> got.size() == 1);
        assertThat(text(got.get(0))).isEqualTo(text);
        assertThat(got.get(0).getStoreSize()).isLessThan(text.length() / 2);
    }

    @OnEachTarget
    void findsAMessageByTheIdOfItsPlace(Trial trial) throws Exception {
        String topic = trial.topic();
        DefaultMQProducer producer = trial.clients().producer(trial.name());
        SendResult sent = producer.send(message(topic, "t", "looked up"));

        MessageExt found = producer.viewMessage(topic, sent.getOffsetMsgId());

        assertThat(text(found)).isEqualTo("looked up");
        assertThat(found.getQueueOffset()).isZero();
    }
}
