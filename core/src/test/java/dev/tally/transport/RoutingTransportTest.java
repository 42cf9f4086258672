package dev.tally.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RoutingTransportTest {

    private static final class Named implements Transport {

        private final String name;
        private final Set<Capability> capabilities;
        private final Duration maxDelay;
        private final List<String> sent = new ArrayList<>();

        Named(String name, Duration maxDelay, Capability... capabilities) {
            this.name = name;
            this.maxDelay = maxDelay;
            this.capabilities = Set.of(capabilities);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Set<Capability> capabilities() {
            return capabilities;
        }

        @Override
        public Duration maxDelay() {
            return maxDelay;
        }

        @Override
        public Optional<String> refusal(Message message) {
            return message.payload().length > 0 ? Optional.of(name + " takes no payload") : Optional.empty();
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return messages.stream()
                    .map(message -> {
                        sent.add(message.id().value());
                        return CompletableFuture.<SendOutcome>completedFuture(
                                new SendOutcome.Sent(name + "/" + message.id()));
                    })
                    .toList();
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            sent.add("subscribed " + subscription.topic());
            return () -> {};
        }

        @Override
        public void close() {}
    }

    private final Named main = new Named("main", Duration.ofDays(3), Capability.KEY_ORDER, Capability.DELAY);
    private final Named events = new Named("events", Duration.ZERO, Capability.KEY_ORDER, Capability.REPLAY);
    private final Named audit = new Named("audit", Duration.ofHours(1), Capability.KEY_ORDER, Capability.DELAY);
    private final RoutingTransport routing = new RoutingTransport(
            List.of(main, events, audit),
            "main",
            Map.of("events", List.of("events.*", "clicks"), "audit", List.of("events.audit.*", "events.audit")));

    private static Message message(String topic, String id) {
        return new Message(new MessageId(id), Destination.topic(topic), "k", "t", Headers.empty(), new byte[0]);
    }

    @Test
    void namesBeatPatternsAndLongPatternsShortOnes() {
        assertThat(routing.of("orders")).isSameAs(main);
        assertThat(routing.of("clicks")).isSameAs(events);
        assertThat(routing.of("clicks.more")).isSameAs(main);
        assertThat(routing.of("events.order")).isSameAs(events);
        assertThat(routing.of("events.audit")).isSameAs(audit);
        assertThat(routing.of("events.audit.login")).isSameAs(audit);
    }

    @Test
    void sendsEachMessageByTheTransportOfItsTopicAndAnswersInTheirOrder() {
        List<CompletableFuture<SendOutcome>> outcomes =
                routing.send(List.of(message("clicks", "1"), message("orders", "2"), message("clicks", "3")));

        assertThat(outcomes)
                .extracting(CompletableFuture::join)
                .containsExactly(
                        new SendOutcome.Sent("events/1"),
                        new SendOutcome.Sent("main/2"),
                        new SendOutcome.Sent("events/3"));
        assertThat(events.sent).containsExactly("1", "3");
    }

    @Test
    void hasWhatAllOfThemHaveAndTellsOfATopicWhatItsOwnHas() {
        assertThat(routing.capabilities()).containsExactly(Capability.KEY_ORDER);
        assertThat(routing.of("clicks").capabilities()).contains(Capability.REPLAY);
        assertThat(routing.maxDelay()).isEqualTo(Duration.ZERO);
        assertThat(routing.name()).isEqualTo("main+events+audit");
        Message large =
                new Message(new MessageId("l"), Destination.topic("clicks"), null, "t", Headers.empty(), new byte[1]);
        assertThat(routing.refusal(large)).contains("events takes no payload");
        assertThat(routing.refusal(message("clicks", "m"))).isEmpty();
        routing.subscribe(new Subscription("clicks", "g", "*", 1, true, 1), batch -> List.of());
        assertThat(events.sent).contains("subscribed clicks");
    }

    @Test
    void refusesRoutesThatSayTwoThingsOrName() {
        assertThatThrownBy(() -> new RoutingTransport(
                        List.of(main, events), "main", Map.of("events", List.of("a"), "main", List.of("a"))))
                .hasMessageContaining("both");
        assertThatThrownBy(() -> new RoutingTransport(List.of(main), "none", Map.of()))
                .hasMessageContaining("none")
                .hasMessageContaining("main");
        assertThatThrownBy(() -> new RoutingTransport(List.of(main), "main", Map.of("main", List.of("a*b"))))
                .hasMessageContaining("a*b");
    }
}
