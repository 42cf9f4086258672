package dev.tally.transport.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/** What happens before there is a broker, and where it does not let us in. */
class LateBrokerTest {

    private static Message message(String topic) {
        return new Message(new MessageId("m-1"), Destination.topic(topic), "k", "text", Headers.empty(), new byte[1]);
    }

    @Test
    void aServiceThatStartsWhileTheBrokerIsDownWorksWhenItIsThere(@TempDir Path directory) {
        try (ContractBroker broker = new ContractBroker(directory)) {
            broker.server().kill();
            try (RabbitMqTransport transport = broker.transport()) {
                ReceivedMessages received = new ReceivedMessages();
                ActiveSubscription subscription = transport.subscribe(
                        new Subscription("late", "g", "*", 1, true, 3),
                        received.handler(each -> new DeliveryOutcome.Delivered()));
                Message message = message("late");
                assertThat(transport.send(List.of(message)).get(0).join())
                        .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
                            assertThat(failed.retryable()).isTrue();
                            assertThat(failed.reason())
                                    .contains("m-1")
                                    .contains("late")
                                    .contains("refused");
                        });

                broker.server().startAgain();

                await().atMost(Duration.ofSeconds(90))
                        .until(() -> transport.send(List.of(message)).get(0).join() instanceof SendOutcome.Sent);
                await().atMost(Duration.ofSeconds(90))
                        .until(() -> received.ids().contains("m-1"));
                subscription.close();
            }
            CachingConnectionFactory stranger = broker.connections();
            stranger.setPassword("wrong");
            try (RabbitMqTransport transport =
                    new RabbitMqTransport(RabbitMqSettings.builder(stranger).build())) {
                assertThatThrownBy(() ->
                                transport.subscribe(new Subscription("late", "g", "*", 1, true, 3), batch -> List.of()))
                        .isInstanceOf(TransportException.class)
                        .hasMessageContaining("ACCESS_REFUSED");
            }
        }
    }
}
