package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TopicForwardsTest {

    private static final class Memory implements Transport {

        private final String name;
        private final Map<String, BatchHandler> handlers = new HashMap<>();
        private final List<Message> sent = new ArrayList<>();

        Memory(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Set<Capability> capabilities() {
            return name.equals("unordered") ? Set.of() : Set.of(Capability.KEY_ORDER);
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            sent.addAll(messages);
            return messages.stream()
                    .map(each -> CompletableFuture.<SendOutcome>completedFuture(new SendOutcome.Sent("1")))
                    .toList();
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            String key = subscription.topic() + "/" + subscription.group();
            handlers.put(key, handler);
            return () -> handlers.remove(key);
        }

        @Override
        public void close() {}
    }

    private final Memory kafka = new Memory("kafka");
    private final Memory rabbit = new Memory("rabbitmq");

    private static TopicForward forward(String name, String from, String topic, String to, String toTopic) {
        return new TopicForward(name, from, topic, to, toTopic, "g-" + name, "*", true, 4, 10);
    }

    private TopicForwards forwards(TopicForward... forwards) {
        return new TopicForwards(List.of(kafka, rabbit, new Memory("unordered")), List.of(forwards));
    }

    @Test
    void sendsWhatComesFromOneOnToTheOtherWithTheSameId() {
        TopicForwards forwards = forwards(forward("a", "kafka", "orders", "rabbitmq", "copied"));
        forwards.start();
        Message message = new Message(
                new MessageId("m1"),
                new Destination("orders", "red"),
                "k",
                "t",
                Headers.of(Map.of("h", "v")),
                new byte[] {7});

        List<DeliveryOutcome> outcomes = Objects.requireNonNull(kafka.handlers.get("orders/g-a"))
                .handle(List.of(new ReceivedMessage(message, 1)));

        assertThat(outcomes).containsExactly(new DeliveryOutcome.Delivered());
        Message copy = rabbit.sent.get(0);
        assertThat(copy.id()).isEqualTo(message.id());
        assertThat(copy.destination()).isEqualTo(new Destination("copied", "red"));
        assertThat(copy.key()).isEqualTo("k");
        assertThat(copy.headers()).isEqualTo(message.headers());
        assertThat(copy.payload()).isEqualTo(message.payload());
        assertThat(forwards.running()).extracting(RunningConsumer::handler).allMatch(name -> name.contains("copied"));

        forwards.stop();
        assertThat(kafka.handlers).isEmpty();
        assertThat(forwards.running()).isEmpty();
    }

    @Test
    void refusesCirclesUnknownTransportsSharedGroupsAndMissingOrder() {
        assertThatThrownBy(() -> forwards(
                        forward("a", "kafka", "orders", "rabbitmq", "orders"),
                        forward("b", "rabbitmq", "orders", "kafka", "more"),
                        forward("c", "kafka", "more", "kafka", "orders")))
                .isInstanceOf(InvalidConsumerException.class)
                .hasMessageContaining("3 faults")
                .hasMessageContaining("for ever");
        assertThatThrownBy(() -> forwards(forward("a", "kafka", "orders", "pulsar", "orders")))
                .hasMessageContaining("no transport 'pulsar'")
                .hasMessageContaining("kafka");
        assertThatThrownBy(() -> forwards(forward("a", "unordered", "orders", "kafka", "orders")))
                .hasMessageContaining("KEY_ORDER");
        TopicForward one = forward("a", "kafka", "orders", "rabbitmq", "x");
        TopicForward same = new TopicForward("b", "kafka", "orders", "rabbitmq", "y", "g-a", "*", true, 4, 10);
        assertThatThrownBy(() -> forwards(one, same)).hasMessageContaining("g-a");
        assertThatThrownBy(() -> forwards(new TopicForward("a", "kafka", "", "rabbitmq", "", "g", "*", true, 0, 1)))
                .hasMessageContaining("named")
                .hasMessageContaining("concurrency");
    }

    @Test
    void bothWaysMayBeForwardedWhereTheTopicsDiffer() {
        assertThat(forwards(
                                forward("a", "kafka", "orders", "rabbitmq", "orders"),
                                forward("b", "rabbitmq", "replies", "kafka", "replies"))
                        .running())
                .isEmpty();
    }
}
