package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Message;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/** Groups of Kafka are moved while their members run. */
class KafkaPositionsTest extends KafkaWorld {

    @Test
    void movesThePartitionsOfOtherMembersWhileTheyAcknowledge() {
        String topic = topic("moves", 6);
        ReceivedMessages received = new ReceivedMessages();
        List<ActiveSubscription> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            members.add(open().subscribe(
                            new Subscription(topic, group("moves"), "*", 2, true, 3), received.handler(deliver())));
        }
        SubscriptionPositions positions = members.get(0).positions().orElseThrow();
        patiently().until(() -> owned(members.get(0)) == 3 && owned(members.get(1)) == 3);
        Transport sender = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            messages.add(message(topic, "key-" + i, "x"));
        }
        send(sender, messages.toArray(Message[]::new));
        patiently().until(() -> received.ids().size() == 60);
        CompletableFuture<Void> stop = new CompletableFuture<>();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; !stop.isDone(); i++) {
                send(sender, message(topic, "key-" + i % 60, "more"));
            }
        });

        try {
            List<PositionMove> moves = new ArrayList<>();
            positions.read(false).forEach(each -> moves.add(positions.planTo(each.queue(), 0)));
            positions.seek(moves);

            patiently().until(() -> messages.stream()
                    .allMatch(each ->
                            Collections.frequency(received.ids(), each.id().value()) >= 2));
        } finally {
            stop.complete(null);
            sending.join();
        }
        patiently().until(() -> positions.read(false).stream().allMatch(each -> each.lag() == 0));
        assertThat(messages).allSatisfy(each -> assertThat(
                        Collections.frequency(received.ids(), each.id().value()))
                .as("moved once")
                .isEqualTo(2));
    }

    private static long owned(ActiveSubscription subscription) {
        return subscription.positions().orElseThrow().read(false).stream()
                .filter(QueuePosition::owned)
                .count();
    }

    @Test
    void skipsForwardAndKeepsThatWhenTheMemberIsReplaced() {
        String topic = topic("skips", 1);
        Transport transport = open();
        send(transport, message(topic, "k", "1"), message(topic, "k", "2"));
        ReceivedMessages received = new ReceivedMessages();
        ActiveSubscription subscription = transport.subscribe(
                new Subscription(topic, group("skips"), "*", 2, true, 3), received.handler(deliver()));
        subscription.control().orElseThrow().pause();
        SubscriptionPositions positions = subscription.positions().orElseThrow();
        patiently().until(() -> owned(subscription) == 1);

        positions.seek(List.of(positions.planTo("0", 2)));
        subscription.control().orElseThrow().resume();
        Message third = message(topic, "k", "3");
        send(transport, third);
        patiently().until(() -> received.ids().contains(third.id().value()));
        subscription.close();
        ReceivedMessages next = subscribe(open(), topic, "skips", true, 3, deliver());
        Message fourth = message(topic, "k", "4");
        send(transport, fourth);

        patiently().until(() -> next.ids().contains(fourth.id().value()));
        // What was here and waited when the group was moved is dropped; one may have been with its handler already.
        assertThat(next.ids()).containsExactly(fourth.id().value());
        assertThat(received.ids()).endsWith(third.id().value());
    }

    @Test
    void tellsWhatWaitsAndSinceWhen() {
        String topic = topic("reads", 2);
        Transport transport = open();
        ActiveSubscription subscription = transport.subscribe(
                new Subscription(topic, group("reads"), "*", 2, true, 3), new ReceivedMessages().handler(deliver()));
        subscription.control().orElseThrow().pause();
        SubscriptionPositions positions = subscription.positions().orElseThrow();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            messages.add(message(topic, "key-" + i, "x"));
        }
        send(transport, messages.toArray(Message[]::new));

        List<QueuePosition> read = positions.read(true);

        assertThat(read).extracting(QueuePosition::queue).containsExactly("0", "1");
        assertThat(read.stream().mapToLong(QueuePosition::lag).sum()).isEqualTo(20);
        assertThat(read).allSatisfy(each -> assertThat(each.oldest()).isNotNull());
        assertThatThrownBy(() -> positions.planTo("0", 1000)).isInstanceOf(TransportException.class);
        assertThatThrownBy(() -> positions.planTo("7", 0))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("no partition '7'");
        transport.close();
        assertThatThrownBy(() -> positions.read(false)).isInstanceOf(TransportException.class);
    }

    @Test
    void saysThatAMemberWhichIsNotOfTallyDoesNotFollow() {
        String topic = topic("foreign-member", 2);
        TopicPartition partition = new TopicPartition(topic, 0);
        Map<String, Object> client = new HashMap<>();
        client.put("bootstrap.servers", address());
        client.put("group.id", group("foreign-member"));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(topic));
            patiently().until(() -> {
                consumer.poll(Duration.ofMillis(100));
                return consumer.assignment().size() == 2;
            });
            TopicPositions.Member commits = new TopicPositions.Member() {
                @Override
                public Set<TopicPartition> partitions() {
                    return Set.of();
                }

                @Override
                public CompletableFuture<Void> move(Map<TopicPartition, Long> to, String id) {
                    Map<TopicPartition, OffsetAndMetadata> marks = new HashMap<>();
                    to.forEach((each, position) -> marks.put(each, CommittedMarks.moving(position, id)));
                    consumer.commitSync(marks);
                    return CompletableFuture.completedFuture(null);
                }
            };
            Duration limit = Duration.ofSeconds(5);
            CommittedMarks marks = new CommittedMarks(admin(), limit);
            PositionQuestions questions = new PositionQuestions(
                    admin(),
                    new Topics(admin(), limit, false),
                    IsolationLevel.READ_COMMITTED,
                    () -> consumer,
                    System::nanoTime,
                    limit);
            MoveWatch watch = new MoveWatch(marks, questions, System::nanoTime, new Random());

            assertThatThrownBy(() ->
                            watch.move(commits, group("foreign-member"), Map.of(partition, 0L), Duration.ofSeconds(1)))
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("partitions [0] were not moved, none were")
                    .hasMessageContaining("no members of Tally's");
        }
    }
}
