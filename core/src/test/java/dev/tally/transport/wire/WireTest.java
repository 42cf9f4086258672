package dev.tally.transport.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.TransportException;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WireTest {

    private final CloudEventAttributes attributes = new CloudEventAttributes("ce_", "/orders");

    private static Message message(String type) {
        return new Message(new MessageId("m1"), Destination.topic("orders"), "k", type, Headers.empty(), new byte[0]);
    }

    @Test
    void aMessageHasTheAttributesOfACloudEventAndAnotherReadsThem() {
        Map<String, String> written = attributes.of(message("order-placed"));

        assertThat(written)
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "m1",
                        "ce_source", "/orders",
                        "ce_type", "order-placed",
                        "ce_partitionkey", "k"));
        assertThat(written.keySet()).allMatch(attributes::isWritten);
        assertThat(attributes.isWritten("ce_subject")).isFalse();
        assertThat(attributes.idOf(written::get)).contains(new MessageId("/orders/m1"));
        assertThat(attributes.typeOf(written::get)).contains("order-placed");
    }

    @Test
    void thereAreNoneWithoutATypeOrASourceAndNoneToReadWithoutAnId() {
        assertThat(attributes.of(message(""))).isEmpty();
        assertThat(new CloudEventAttributes("ce_", null).of(message("t"))).isEmpty();
        Map<String, String> half = Map.of("ce_specversion", "1.0", "ce_id", " ", "ce_source", "/x");
        assertThat(attributes.idOf(half::get)).isEmpty();
        assertThat(attributes.typeOf(Map.of("ce_type", "t")::get)).isEmpty();
    }

    @Test
    void anIdOfAnyLengthIsOneId() {
        MessageId id = MessageId.ofForeign("x".repeat(500));
        assertThat(id.value())
                .hasSize(64)
                .isEqualTo(MessageId.ofForeign("x".repeat(500)).value());
        assertThat(MessageId.ofForeign("orders-1-7").value()).isEqualTo("orders-1-7");
    }

    @Test
    void tagsAreAllOrSome() {
        assertThat(TagExpression.of("*").matches(null)).isTrue();
        assertThat(TagExpression.of("").matchesAll()).isTrue();
        TagExpression some = TagExpression.of("red || green");
        assertThat(some.matches("red")).isTrue();
        assertThat(some.matches("green")).isTrue();
        assertThat(some.matches("blue")).isFalse();
        assertThat(some.matches(null)).isFalse();
        assertThatThrownBy(() -> TagExpression.of("red ||"))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("blank");
    }
}
