package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.transport.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.pulsar.client.api.MessageId;
import org.apache.pulsar.client.api.Producer;
import org.apache.pulsar.client.api.PulsarClientException;
import org.junit.jupiter.api.Test;

class TopicProducerTest {

    private final ScriptedPulsar pulsar = new ScriptedPulsar();
    private final List<CompletableFuture<Producer<byte[]>>> creations = new ArrayList<>();
    private final TopicProducer producer = new TopicProducer("orders", () -> {
        creations.add(new CompletableFuture<>());
        return creations.get(creations.size() - 1);
    });

    @Test
    void sendsInOrderWhatWaitedForTheProducer() {
        List<CompletableFuture<SendOutcome>> outcomes = List.of(send("1"), send("2"));
        assertThat(creations).hasSize(1);

        creations.get(0).complete(pulsar.producer());
        outcomes = List.of(outcomes.get(0), outcomes.get(1), send("3"));

        assertThat(pulsar.sent).containsExactly("1", "2", "3");
        pulsar.answers.values().forEach(answer -> answer.complete(MessageId.latest));
        assertThat(outcomes).allMatch(outcome -> outcome.join() instanceof SendOutcome.Sent);
    }

    @Test
    void failsAllThatWaitForTheProducerWithTheFirstOfThem() {
        CompletableFuture<SendOutcome> first = send("1");
        CompletableFuture<SendOutcome> second = send("2");

        first.complete(new SendOutcome.Failed(true, "too late", null));

        assertThat(second)
                .isCompletedWithValueMatching(outcome -> outcome instanceof SendOutcome.Failed failed
                        && failed.retryable()
                        && failed.reason().contains("earlier message"));
        creations.get(0).complete(pulsar.producer());
        assertThat(pulsar.sent).isEmpty();
        send("1");
        assertThat(pulsar.sent).containsExactly("1");
    }

    @Test
    void failsWhatWaitsWhenThereCanBeNoProducerAndAsksAgainWithTheNextMessage() {
        CompletableFuture<SendOutcome> waiting = send("1");
        creations.get(0).completeExceptionally(new PulsarClientException.AuthorizationException("not yours"));

        assertThat(waiting.join()).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
            assertThat(failed.retryable()).isFalse();
            assertThat(failed.reason()).contains("not yours").contains("message 1");
        });
        send("1");
        assertThat(creations).hasSize(2);
    }

    @Test
    void replacesAProducerThatHasEnded() {
        CompletableFuture<SendOutcome> first = send("1");
        creations.get(0).complete(pulsar.producer());
        pulsar.answers.get("1").completeExceptionally(new PulsarClientException.AlreadyClosedException("gone"));

        assertThat(first.join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isTrue());
        send("2");
        assertThat(creations).hasSize(2);
        assertThat(pulsar.closed).isEqualTo(1);
    }

    @Test
    void closesAProducerThatComesTooLate() {
        CompletableFuture<SendOutcome> waiting = send("1");
        producer.close().join();
        creations.get(0).complete(pulsar.producer());

        assertThat(waiting.join()).isInstanceOf(SendOutcome.Failed.class);
        assertThat(send("2").join()).isInstanceOf(SendOutcome.Failed.class);
        assertThat(pulsar.sent).isEmpty();
        assertThat(pulsar.closed).isEqualTo(1);
    }

    private CompletableFuture<SendOutcome> send(String id) {
        CompletableFuture<SendOutcome> outcome = new CompletableFuture<>();
        WireMessage message = new WireMessage(
                "persistent://public/default/orders",
                "k",
                null,
                new byte[0],
                Map.of("tally-id", id),
                OptionalLong.empty());
        producer.send(new TopicProducer.Departure(message, "Cannot send message " + id, outcome));
        return outcome;
    }
}
