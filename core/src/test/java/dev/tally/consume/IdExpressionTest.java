package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IdExpressionTest {

    private final List<String> handled = new ArrayList<>();

    private static ReceivedMessage received(Map<String, String> headers, String payload) {
        return new ReceivedMessage(
                new Message(
                        new MessageId("broker-7"),
                        Destination.topic("orders"),
                        "k",
                        "",
                        Headers.of(headers),
                        payload.getBytes(StandardCharsets.UTF_8)),
                2);
    }

    private List<DeliveryOutcome> handle(String expression, ReceivedMessage... batch) {
        return new IdExpression(expression)
                .before(messages -> messages.stream()
                        .map(each -> {
                            handled.add(each.message().id() + " attempt " + each.attempt());
                            return (DeliveryOutcome) new DeliveryOutcome.Delivered();
                        })
                        .toList())
                .handle(List.of(batch));
    }

    @Test
    void namesAMessageByItsHeadersItsKeyOrItsPayload() {
        handle("headers['event-id']", received(Map.of("event-id", "e1"), ""));
        handle("json('/order/id')", received(Map.of(), "{\"order\":{\"id\":42}}"));
        handle("key + '/' + headers['version']", received(Map.of("version", "3"), ""));
        handle("headers['event-id'] ?: id", received(Map.of(), ""));
        handle("", received(Map.of("event-id", "e1"), ""));

        assertThat(handled)
                .containsExactly(
                        "e1 attempt 2", "42 attempt 2", "k/3 attempt 2", "broker-7 attempt 2", "broker-7 attempt 2");
    }

    @Test
    void deadLettersWhatItGivesNothingForAndHandlesTheOthers() {
        List<DeliveryOutcome> outcomes = handle(
                "json('/id')",
                received(Map.of(), "no json"),
                received(Map.of(), "{\"id\":1}"),
                received(Map.of(), "{}"));

        assertThat(outcomes.get(0))
                .isInstanceOfSatisfying(DeliveryOutcome.DeadLetter.class, dead -> assertThat(dead.reason())
                        .contains("broker-7")
                        .contains("json('/id')")
                        .contains("orders"));
        assertThat(outcomes.get(1)).isInstanceOf(DeliveryOutcome.Delivered.class);
        assertThat(outcomes.get(2)).isInstanceOf(DeliveryOutcome.DeadLetter.class);
        assertThat(handled).containsExactly("1 attempt 2");
    }

    @Test
    void readsMessagesAndDoesNothingElse() {
        List<DeliveryOutcome> outcomes =
                handle("T(java.lang.Runtime).getRuntime().exec('true')", received(Map.of(), ""));
        assertThat(outcomes.get(0)).isInstanceOf(DeliveryOutcome.DeadLetter.class);
        assertThat(handled).isEmpty();
    }

    @Test
    void saysWhatIsNoExpression() {
        assertThat(new IdExpression("headers[").fault()).contains("headers[");
        assertThat(new IdExpression("headers['a']").fault()).isNull();
    }
}
