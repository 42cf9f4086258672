package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.DeliveryOutcome.Delivered;
import dev.tally.transport.DeliveryOutcome.Retry;
import dev.tally.transport.DeliveryOutcome.Stop;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopicForwarderTest {

    /** Sends whatever it gets, also those behind a failure: more than the port promises is not relied on. */
    private static final class Careless implements Transport {

        final List<Message> sent = new ArrayList<>();
        final Set<String> failing = new HashSet<>();
        boolean retryable = true;

        @Override
        public String name() {
            return "careless";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.KEY_ORDER);
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return messages.stream()
                    .map(message -> {
                        SendOutcome outcome = failing.contains(message.id().value())
                                ? new SendOutcome.Failed(retryable, "full", null)
                                : new SendOutcome.Sent("x");
                        if (outcome instanceof SendOutcome.Sent) {
                            sent.add(message);
                        }
                        return CompletableFuture.completedFuture(outcome);
                    })
                    .toList();
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private final Careless transport = new Careless();

    private TopicForwarder forwarder(boolean ordered) {
        return new TopicForwarder(new Subscription("orders", "stock", "*", 4, ordered, 3), "orders-wide", transport);
    }

    private static ReceivedMessage received(String id, @Nullable String key, int attempt) {
        Headers headers = Headers.of(Map.of("trace", "t1", Headers.DELIVER_AT, "17", Headers.DELAY, "5"));
        return new ReceivedMessage(
                new Message(
                        new MessageId(id), new Destination("orders", "red"), key, "placed", headers, new byte[] {7}),
                attempt);
    }

    private List<String> sentIds() {
        return transport.sent.stream().map(message -> message.id().value()).toList();
    }

    @Test
    void sendsAMessageAsItIsButForItsTopicAndItsDelay() {
        assertThat(forwarder(true).handle(List.of(received("m", "k", 1)))).containsExactly(new Delivered());

        Message sent = transport.sent.get(0);
        assertThat(sent.id()).isEqualTo(new MessageId("m"));
        assertThat(sent.destination()).isEqualTo(new Destination("orders-wide", "red"));
        assertThat(sent.key()).isEqualTo("k");
        assertThat(sent.type()).isEqualTo("placed");
        assertThat(sent.headers()).isEqualTo(Headers.of(Map.of("trace", "t1")));
        assertThat(sent.payload()).containsExactly(7);
    }

    private @Nullable String storedAtOf(@Nullable Instant storedAt, @Nullable String header) {
        Headers headers = Headers.of(header == null ? Map.of() : Map.of(Headers.STORED_AT, header));
        Message message =
                new Message(new MessageId("m"), Destination.topic("orders"), null, "placed", headers, new byte[0]);
        transport.sent.clear();
        forwarder(true).handle(List.of(new ReceivedMessage(message, 1, storedAt)));
        return transport.sent.get(0).headers().get(Headers.STORED_AT);
    }

    @Test
    void aForwardedMessageStaysAsOldAsItsOriginal() {
        Instant storedAt = Instant.ofEpochMilli(5_000);
        assertThat(storedAtOf(storedAt, null)).isEqualTo("5000");
        assertThat(storedAtOf(storedAt, "4000")).as("forwarded before").isEqualTo("4000");
        assertThat(storedAtOf(null, "4000")).isEqualTo("4000");
        assertThat(storedAtOf(storedAt, "6000")).as("yet to come").isEqualTo("5000");
        for (String nothing : List.of("", "soon", "-1", "0", "9".repeat(40))) {
            assertThat(storedAtOf(storedAt, nothing)).as(nothing).isEqualTo("5000");
            assertThat(storedAtOf(null, nothing)).as(nothing).isNull();
        }
    }

    @Test
    void whatIsBehindAFailureOfItsKeyIsNotSentAndOtherKeysAre() {
        transport.failing.add("a2");

        List<DeliveryOutcome> outcomes = forwarder(true)
                .handle(List.of(
                        received("a1", "a", 1),
                        received("b1", "b", 1),
                        received("a2", "a", 1),
                        received("a3", "a", 1),
                        received("none", null, 1),
                        received("b2", "b", 1),
                        received("a4", "a", 1)));

        assertThat(sentIds()).containsExactly("a1", "b1", "none", "b2");
        assertThat(outcomes)
                .extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Delivered", "Delivered", "Retry", "Retry", "Delivered", "Delivered", "Retry");
    }

    @Test
    void withoutOrderNothingWaitsForItsKey() {
        transport.failing.add("a1");

        assertThat(forwarder(false).handle(List.of(received("a1", "a", 1), received("a2", "a", 1))))
                .hasSize(2)
                .element(1)
                .isEqualTo(new Delivered());
    }

    @Test
    void stopsInsteadOfDeadLetteringWhatCannotBeSent() {
        transport.failing.add("a1");

        assertThat(forwarder(true).handle(List.of(received("a1", "a", 2))).get(0))
                .isInstanceOf(Retry.class);
        assertThat(forwarder(true).handle(List.of(received("a1", "a", 3), received("a2", "a", 1))))
                .extracting(outcome -> outcome.getClass().getSimpleName())
                .containsExactly("Stop", "Retry");
        transport.retryable = false;
        assertThat(forwarder(true).handle(List.of(received("a1", "a", 1))).get(0))
                .isInstanceOfSatisfying(
                        Stop.class, stop -> assertThat(stop.reason()).contains("a1", "orders-wide", "full"));
        assertThat(transport.sent).isEmpty();
    }
}
