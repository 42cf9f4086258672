package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.SendOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OrderedSenderTest {

    private final List<String> handedOver = new ArrayList<>();
    private final OrderedSender sender = new OrderedSender(
            (message, what) -> {
                String id = message.properties().get("tally-id");
                handedOver.add(id);
                return id.equals("no room")
                        ? CompletableFuture.completedFuture(new SendOutcome.Failed(true, what + ": no room", null))
                        : new CompletableFuture<>();
            },
            new MessageTranslation(new TopicNames("public", "default"), 1_000));

    @Test
    void handsNothingOverBehindAMessageOfTheSameKeyThatFailedAtOnce() {
        List<CompletableFuture<SendOutcome>> outcomes = sender.send(List.of(
                message("no room", "k", 0),
                message("behind", "k", 0),
                message("other", "o", 0),
                message("none", null, 0)));

        assertThat(handedOver).containsExactly("no room", "other", "none");
        assertThat(outcomes.get(1).join()).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.reason()).contains("behind").contains("key 'k'");
        });
    }

    @Test
    void goesOnBehindAMessageThatCanNeverBeSent() {
        List<CompletableFuture<SendOutcome>> outcomes =
                sender.send(List.of(message("too large", "k", 2_000), message("behind", "k", 0)));

        assertThat(handedOver).containsExactly("behind");
        assertThat(outcomes.get(0).join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isFalse());
    }

    private static Message message(String id, String key, int size) {
        return new Message(new MessageId(id), Destination.topic("orders"), key, "t", Headers.empty(), new byte[size]);
    }
}
