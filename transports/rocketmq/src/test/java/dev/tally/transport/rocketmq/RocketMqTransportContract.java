package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.HalfMessagesContract;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * The contracts of transports with half messages, and what this one promises beside them, at whichever broker speaks
 * RocketMQ's protocol.
 */
abstract class RocketMqTransportContract extends HalfMessagesContract {

    /** {@code host:port} of the name server. */
    abstract String nameServer();

    @Override
    protected Transport openTransport(String service) {
        return new RocketMqTransport(RocketMqSettings.builder(
                        nameServer(), service, UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .orderedRetryDelay(Duration.ofMillis(200))
                .build());
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return "%DLQ%" + group;
    }

    @Override
    protected Message neverTaken(String topic) {
        return new Message(
                new MessageId("large-" + unique()),
                Destination.topic(topic),
                null,
                "t",
                Headers.empty(),
                new byte[5_000_000]);
    }

    @Test
    void refusesWhatTheBrokerCanNeverTakeAndNamesTheLimit() {
        String topic = topic("refused", 1);
        Transport transport = open();
        Message tooLarge = neverTaken(topic);
        Message wrongTopic = message("no such topic!", null, "x");
        Message longHeaders = new Message(
                new MessageId("headers"),
                Destination.topic(topic),
                null,
                "t",
                Headers.of(Map.of("h", "x".repeat(40_000))),
                new byte[1]);

        List<SendOutcome.Failed> failures = transport.send(List.of(tooLarge, wrongTopic, longHeaders)).stream()
                .map(CompletableFuture::join)
                .map(SendOutcome.Failed.class::cast)
                .toList();

        assertThat(failures).noneMatch(SendOutcome.Failed::retryable);
        assertThat(failures.get(0).reason()).contains("5000000").contains("4194304");
        assertThat(failures.get(1).reason()).contains("no such topic!");
        assertThat(failures.get(2).reason()).contains("32767");
    }

    @Test
    void receivesSoonFromATopicThatDidNotExistWhenItSubscribed() {
        String topic = "fresh-" + unique();
        Transport transport = open();
        ReceivedMessages received = subscribe(transport, topic, "fresh", true, 3, deliver());
        Message message = message(topic, "k", "x");

        patiently().until(() -> transport.send(List.of(message)).get(0).join() instanceof SendOutcome.Sent);

        patiently().until(() -> received.ids().contains(message.id().value()));
    }

    @Test
    void subscribesAGroupToTwoTopicsThroughOneClient() {
        String first = topic("two-a", 2);
        String second = topic("two-b", 2);
        Transport transport = open();
        ReceivedMessages fromFirst = subscribe(transport, first, "two", false, 3, deliver());
        ReceivedMessages fromSecond = subscribe(transport, second, "two", false, 3, deliver());
        Message one = message(first, null, "1");
        Message two = message(second, null, "2");
        send(transport, one, two);

        patiently().until(() -> fromFirst.ids().contains(one.id().value()));
        patiently().until(() -> fromSecond.ids().contains(two.id().value()));
        assertThatThrownBy(() -> subscribe(transport, first, "two", false, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("a second time");
        assertThatThrownBy(() -> subscribe(transport, topic("two-c", 1), "two", true, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("same values or another group");
    }

    @Test
    void saysWhetherTheBrokerCanBeReached() {
        ((RocketMqTransport) open()).verifyReachable();

        try (RocketMqTransport lost =
                new RocketMqTransport(RocketMqSettings.builder("127.0.0.1:1", "lost-" + unique(), "lost-" + unique())
                        .sendTimeout(Duration.ofMillis(500))
                        .build())) {
            assertThatThrownBy(lost::verifyReachable)
                    .isInstanceOf(TransportException.class)
                    .hasMessageContaining("127.0.0.1:1");
            SendOutcome outcome =
                    lost.send(List.of(message("anything", "k", "x"))).get(0).join();
            assertThat(outcome)
                    .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                            .isTrue());
            assertThatThrownBy(() -> lost.prepare("tx", List.of(message("anything", "k", "x")))
                            .join())
                    .hasCauseInstanceOf(Exception.class);
        }
    }
}
