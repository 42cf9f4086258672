package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/** What happens in consumers of Kafka that is nobody else's way. */
class KafkaConsumingTest extends KafkaWorld {

    @Test
    void acknowledgesNothingBeyondAMessageThatIsNotSettled() {
        String topic = topic("unsettled", 1);
        Transport transport = open();
        Message first = message(topic, "first", "1");
        Message second = message(topic, "second", "2");
        Message third = message(topic, "third", "3");
        send(transport, first);
        send(transport, second);
        send(transport, third);
        ReceivedMessages received = subscribe(
                transport,
                topic,
                "unsettled",
                true,
                3,
                each -> each.id().equals(second.id())
                        ? new DeliveryOutcome.Later("its database is away")
                        : new DeliveryOutcome.Delivered());
        patiently().until(() -> received.ids()
                .containsAll(List.of(
                        first.id().value(), second.id().value(), third.id().value())));

        transport.close();

        assertThat(acknowledged(group("unsettled"), new TopicPartition(topic, 0)))
                .isEqualTo(1);
        ReceivedMessages again = subscribe(open(), topic, "unsettled", true, 3, deliver());
        patiently().until(() -> again.ids()
                .containsAll(List.of(second.id().value(), third.id().value())));
        assertThat(again.ids()).doesNotContain(first.id().value());
    }

    @Test
    void handsPartitionsOverSoThatNoKeyIsHandledAtTwoMembersAtOnce() {
        String topic = topic("hand-over", 6);
        Set<String> running = ConcurrentHashMap.newKeySet();
        List<String> overlaps = new CopyOnWriteArrayList<>();
        Map<String, List<Integer>> handled = new ConcurrentHashMap<>();
        AtomicInteger distinct = new AtomicInteger();
        BatchHandler slow = batch -> batch.stream()
                .map(each -> {
                    String key = String.valueOf(each.message().key());
                    if (!running.add(key)) {
                        overlaps.add(key);
                    }
                    patiently().pollDelay(Duration.ofMillis(150)).until(() -> true);
                    List<Integer> ofKey = handled.computeIfAbsent(key, k -> new CopyOnWriteArrayList<>());
                    Integer number = Integer.valueOf(text(each.message()));
                    if (!ofKey.contains(number)) {
                        ofKey.add(number);
                        distinct.incrementAndGet();
                    }
                    running.remove(key);
                    return (DeliveryOutcome) new DeliveryOutcome.Delivered();
                })
                .toList();
        Transport sender = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
            messages.add(message(topic, "key-" + i % 20, Integer.toString(i)));
        }
        send(sender, messages.toArray(Message[]::new));
        List<Transport> members = new ArrayList<>();
        for (int joined = 0; joined < 3; joined++) {
            int before = distinct.get();
            // It holds as long as nobody is taken for dead, and handlers end in time.
            Transport member = openWith(
                    KafkaSuite.settings(Map.of("session.timeout.ms", "45000")).closeTimeout(patience()));
            member.subscribe(new Subscription(topic, group("hand-over"), "*", 8, true, 3).withBatch(4), slow);
            members.add(member);
            patiently().until(() -> distinct.get() > before + 16);
        }
        members.get(0).close();

        patiently().until(() -> distinct.get() == 240);
        assertThat(overlaps).isEmpty();
        assertThat(handled)
                .allSatisfy((key, numbers) -> assertThat(numbers).as(key).isSorted());
    }

    @Test
    void copiesADeadLetterWithHeadersThatSpringsToolsRead() {
        String topic = topic("letters", 1);
        Transport transport = open();
        Message bad = message(topic, "k", "bad");
        send(transport, message(topic, "k", "good"), bad);
        subscribe(
                transport,
                topic,
                "letters",
                true,
                1,
                each -> each.id().equals(bad.id())
                        ? new DeliveryOutcome.DeadLetter("cannot be read")
                        : new DeliveryOutcome.Delivered());
        String letters = deadLetterTopic(topic, group("letters"));
        patiently().until(() -> get(admin().listTopics().names()).contains(letters));
        patiently().until(() -> !recordsOf(letters).isEmpty());

        ConsumerRecord<byte[], byte[]> letter = recordsOf(letters).get(0);

        assertThat(header(letter, "kafka_dlt-original-topic")).isEqualTo(topic);
        assertThat(header(letter, "kafka_dlt-original-consumer-group")).isEqualTo(group("letters"));
        assertThat(header(letter, "kafka_dlt-exception-message")).contains("cannot be read");
        assertThat(ByteBuffer.wrap(letter.headers()
                                .lastHeader("kafka_dlt-original-partition")
                                .value())
                        .getInt())
                .isZero();
        assertThat(ByteBuffer.wrap(letter.headers()
                                .lastHeader("kafka_dlt-original-offset")
                                .value())
                        .getLong())
                .isEqualTo(1);
        assertThat(header(letter, "tally-id")).isEqualTo(bad.id().value());
        assertThat(letter.key()).isEqualTo("k".getBytes(StandardCharsets.UTF_8));
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void keepsADeadLetterThatCannotBeWrittenAndGoesOnWithTheOthers() {
        String topic = topic("no-letters", 1);
        Transport transport = openWith(KafkaSuite.settings().createMissingTopics(false));
        Message bad = message(topic, "k", "bad");
        Message good = message(topic, "k", "good");
        send(transport, bad, good);
        ReceivedMessages received = subscribe(
                transport,
                topic,
                "no-letters",
                true,
                1,
                each -> each.id().equals(bad.id())
                        ? new DeliveryOutcome.DeadLetter("bad")
                        : new DeliveryOutcome.Delivered());
        patiently().until(() -> received.ids().contains(good.id().value()));

        transport.close();

        TopicPartition partition = new TopicPartition(topic, 0);
        assertThat(acknowledged(group("no-letters"), partition)).isZero();
        createTopic(deadLetterTopic(topic, group("no-letters")), 1);
        ReceivedMessages again = subscribe(
                openWith(KafkaSuite.settings().createMissingTopics(false)),
                topic,
                "no-letters",
                true,
                1,
                each -> each.id().equals(bad.id())
                        ? new DeliveryOutcome.DeadLetter("bad")
                        : new DeliveryOutcome.Delivered());
        patiently().until(() -> acknowledged(group("no-letters"), partition) == 2);
        assertThat(again.ids()).contains(bad.id().value());
        assertThat(recordsOf(deadLetterTopic(topic, group("no-letters")))).hasSize(1);
    }

    @Test
    void passesOverTheMarksOfTransactionsAndWhatWasRolledBack() throws Exception {
        String topic = topic("transactions", 1);
        Map<String, Object> client = Map.of("bootstrap.servers", address(), "transactional.id", topic);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, new byte[] {'n'})).get();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, new byte[] {'y'}));
            producer.commitTransaction();
        }

        Transport transport = open();
        ReceivedMessages received = new ReceivedMessages();
        var subscription = transport.subscribe(
                new Subscription(topic, group("transactions"), "*", 1, true, 3), received.handler(deliver()));

        patiently().until(() -> subscription.positions().orElseThrow().read(false).stream()
                .allMatch(each -> each.acknowledged() == each.end() && each.end() == 4));
        assertThat(received.deliveries().stream().map(each -> text(each.message())))
                .containsExactly("y");
    }

    @Test
    void takesPartitionsThatAreAddedToATopic() {
        String topic = topic("added", 1);
        ReceivedMessages member = subscribe(open(), topic, "added", true, 3, deliver());
        ReceivedMessages everyone = new ReceivedMessages();
        open().subscribe(
                        new Subscription(topic, group("added-all"), "*", 1, true, 3).toEachMember(),
                        everyone.handler(deliver()));
        Transport sender = open();
        patiently().until(() -> {
            send(sender, message(topic, null, "ready?"));
            return !everyone.ids().isEmpty();
        });

        get(admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all());
        List<Message> spread = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            spread.add(message(topic, "key-" + i, "after"));
        }
        // The first sender still knows one partition only.
        patiently().until(() -> {
            send(openWith(KafkaSuite.settings()), spread.toArray(Message[]::new));
            return recordsOf(topic).stream().anyMatch(each -> each.partition() > 0);
        });

        List<String> ids = spread.stream().map(each -> each.id().value()).toList();
        patiently().until(() -> member.ids().containsAll(ids));
        patiently().until(() -> everyone.ids().containsAll(ids));
    }

    @Test
    void goesOnWithATopicThatIsMadeAnew() {
        String topic = topic("anew", 1);
        Transport transport = openWith(KafkaSuite.settings().createMissingTopics(false));
        ReceivedMessages received = subscribe(transport, topic, "anew", true, 3, deliver());
        for (int i = 0; i < 5; i++) {
            send(transport, message(topic, "k", "before"));
        }
        patiently().until(() -> received.ids().size() == 5);

        get(admin().deleteTopics(List.of(topic)).all());
        patiently().until(() -> !get(admin().listTopics().names()).contains(topic));
        createTopic(topic, 1);
        Message after = message(topic, "k", "after");
        patiently().until(() -> transport.send(List.of(after)).get(0).join() instanceof SendOutcome.Sent);

        patiently().until(() -> received.ids().contains(after.id().value()));
    }

    @Test
    void waitsForATopicThatItMustNotCreate() {
        String topic = "late-" + unique();
        Transport transport = openWith(KafkaSuite.settings().createMissingTopics(false));
        ReceivedMessages received = subscribe(transport, topic, "late", true, 3, deliver());
        ReceivedMessages everyone = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, group("late-all"), "*", 1, true, 3).toEachMember(),
                everyone.handler(deliver()));

        createTopic(topic, 2);
        Message message = message(topic, "k", "x");
        send(open(), message);

        patiently().until(() -> received.ids().contains(message.id().value()));
        patiently().until(() -> {
            send(transport, message(topic, "k", "for all"));
            return !everyone.ids().isEmpty();
        });
    }

    @Test
    void createsATopicThatItSubscribes() {
        String topic = "created-" + unique();
        ReceivedMessages received = subscribe(open(), topic, "created", true, 3, deliver());
        patiently().until(() -> get(admin().listTopics().names()).contains(topic));
        Message message = message(topic, "k", "x");
        send(open(), message);

        patiently().until(() -> received.ids().contains(message.id().value()));
    }

    @Test
    void letsAGroupHaveSeveralTopicsAndNoneOfThemTwice() {
        String one = topic("one", 2);
        String two = topic("two", 2);
        Transport transport = open();
        ReceivedMessages ones = subscribe(transport, one, "several", true, 3, deliver());
        ReceivedMessages twos = subscribe(transport, two, "several", true, 3, deliver());
        Message first = message(one, "k", "1");
        Message second = message(two, "k", "2");
        send(transport, first, second);

        patiently()
                .until(() -> ones.ids().contains(first.id().value())
                        && twos.ids().contains(second.id().value()));
        assertThatThrownBy(() -> subscribe(transport, one, "several", true, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining(one)
                .hasMessageContaining("second time");
    }

    @Test
    void refusesToSubscribeWhatKafkaCannotHave() {
        Transport transport = open();

        assertThatThrownBy(() -> subscribe(transport, "a topic", "x", true, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("a topic");
        assertThatThrownBy(() -> subscribe(transport, "t".repeat(240), "x", true, 3, deliver()))
                .hasMessageContaining("dead letters");
        assertThatThrownBy(() -> transport.subscribe(
                        new Subscription("t", "g", "a||", 1, true, 3), new ReceivedMessages().handler(deliver())))
                .hasMessageContaining("blank");
    }

    @Test
    void takesARecordOfExactlyTheLargestSize() {
        String topic = topic("largest", 1);
        Transport transport = open();
        int payload = 1024 * 1024;
        Message message = sized(topic, payload);
        while (transport.refusal(message).isPresent()) {
            payload--;
            message = sized(topic, payload);
        }
        CompletableFuture<?> sent = transport.send(List.of(message)).get(0);

        assertThat(sent.join()).isInstanceOf(SendOutcome.Sent.class);
        assertThat(payload).isGreaterThan(1024 * 1024 - 1000);
    }

    private static Message sized(String topic, int bytes) {
        return new Message(
                new MessageId("largest"),
                Destination.topic(topic),
                "k",
                "type",
                Headers.of(Map.of("name", "v".repeat(200))),
                new byte[bytes]);
    }

    @Test
    void sendsToPartitionsAsOtherProducersDo() throws Exception {
        String topic = topic("partitions", 7);
        Transport transport = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            messages.add(message(topic, "schlüssel-" + i, "ours"));
        }
        send(transport, messages.toArray(Message[]::new));
        Map<String, Integer> theirs = new HashMap<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Message message : messages) {
                String key = Objects.requireNonNull(message.key());
                byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
                theirs.put(
                        key,
                        producer.send(new ProducerRecord<>(topic, bytes, new byte[0]))
                                .get()
                                .partition());
            }
        }

        assertThat(recordsOf(topic)).hasSize(40).allSatisfy(record -> assertThat(record.partition())
                .isEqualTo(theirs.get(new String(record.key(), StandardCharsets.UTF_8))));
    }
}
