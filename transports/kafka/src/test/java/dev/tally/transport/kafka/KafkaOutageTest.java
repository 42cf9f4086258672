package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.kafka.server.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A service starts, and sends, while its broker is down. */
class KafkaOutageTest {

    @Test
    void startsWhileTheBrokerIsDownAndHoldsNobodyUp() {
        try (KafkaServer server = new KafkaServer()) {
            server.kill();
            KafkaSettings settings = KafkaSettings.builder(
                            Map.of("bootstrap.servers", server.address(), "reconnect.backoff.max.ms", "200"))
                    .sendTimeout(Duration.ofSeconds(4))
                    .closeTimeout(Duration.ofSeconds(1))
                    .build();
            try (Transport transport = new KafkaTransport(settings)) {
                ReceivedMessages received = new ReceivedMessages();
                transport.subscribe(
                        new Subscription("topic-0", "group", "*", 2, true, 3),
                        received.handler(message -> new DeliveryOutcome.Delivered()));
                List<Message> messages = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    messages.add(message("topic-" + i % 20, i % 2 == 0 ? "key-" + i : null, i));
                }

                List<CompletableFuture<SendOutcome>> outcomes = transport.send(messages);

                assertThat(outcomes).as("the call did not wait for any of them").noneMatch(CompletableFuture::isDone);
                assertThat(outcomes).allSatisfy(outcome -> assertThat(outcome.join())
                        .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                                .isTrue()));

                server.start();
                Message message = message("topic-0", "k", 1000);
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> transport.send(List.of(message)).get(0).join() instanceof SendOutcome.Sent);
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> received.ids().contains(message.id().value()));
            }
        }
    }

    private static Message message(String topic, String key, int number) {
        return new Message(
                new MessageId("m-" + number), Destination.topic(topic), key, "type", Headers.empty(), new byte[] {1});
    }
}
