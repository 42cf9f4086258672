package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.client.UnsendableMessageException;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.pulsar.client.api.MessageIdAdv;
import org.junit.jupiter.api.Test;

class MessageTranslationTest {

    private static final MessageIdAdv ID = new Position(7, 3, -1);

    private final MessageTranslation translation = new MessageTranslation(new TopicNames("public", "default"), 1_000);

    /** An id as the broker gives it. */
    private record Position(long ledger, long entry, int batchIndex) implements MessageIdAdv {

        @Override
        public long getLedgerId() {
            return ledger;
        }

        @Override
        public long getEntryId() {
            return entry;
        }

        @Override
        public int getPartitionIndex() {
            return -1;
        }

        @Override
        public int getBatchIndex() {
            return batchIndex;
        }

        @Override
        public byte[] toByteArray() {
            return new byte[0];
        }
    }

    @Test
    void writesWhatTheBrokerKnowsToItsPlacesAndTheRestAsProperties() {
        WireMessage wire = translation.toWire(message(
                "orders",
                Headers.of(Map.of("a", "1", Headers.DELAY, "5000", Headers.DELIVER_AT, "1700000000000")),
                new byte[] {1}));

        assertThat(wire.topic()).isEqualTo("persistent://public/default/orders");
        assertThat(wire.key()).isEqualTo("k");
        assertThat(wire.deliverAt()).isEqualTo(OptionalLong.of(1_700_000_000_000L));
        assertThat(wire.properties())
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of("a", "1", "tally-id", "m-1", "tally-type", "order placed", "tally-tag", "red"));
    }

    @Test
    void refusesWhatPulsarCannotCarryAndNamesTheLimit() {
        assertRefused("non-persistent://public/default/x", "domain");
        assertRefused("public/default", "tenant/namespace/topic");
        assertRefused("pub lic/default/x", "tenant/namespace/topic");
        assertRefused("persistent://orders", "tenant/namespace/topic");
        assertRefused("or\nders", "control characters");
        assertThatThrownBy(() -> translation.toWire(message("orders", Headers.empty(), new byte[700])))
                .isInstanceOf(UnsendableMessageException.class)
                .hasMessageContaining("700 bytes")
                .hasMessageContaining("maxMessageBytes of both is 1000");
        assertThatThrownBy(() -> translation.toWire(
                        message("orders", Headers.of(Map.of(Headers.DELIVER_AT, "soon")), new byte[0])))
                .isInstanceOf(UnsendableMessageException.class)
                .hasMessageContaining("'soon'");
    }

    private void assertRefused(String topic, String why) {
        assertThatThrownBy(() -> translation.toWire(message(topic, Headers.empty(), new byte[0])))
                .isInstanceOfSatisfying(UnsendableMessageException.class, refused -> assertThat(refused.getMessage())
                        .isEqualTo("Cannot send message m-1 to Pulsar topic '" + topic + "': " + refused.reason())
                        .contains(why));
    }

    @Test
    void takesTopicsOfOtherNamespaces() {
        assertThat(translation
                        .toWire(message("shop/eu/orders", Headers.empty(), new byte[0]))
                        .topic())
                .isEqualTo("persistent://shop/eu/orders");
        assertThat(translation
                        .toWire(message("persistent://shop/eu/orders", Headers.empty(), new byte[0]))
                        .topic())
                .isEqualTo("persistent://shop/eu/orders");
    }

    @Test
    void namesForeignMessagesByTheirPlaceAlsoAfterTheyWereDeadLettered() {
        Message foreign = translation.fromWire(
                ScriptedPulsar.message(ID, null, Map.of("theirs", "1", Headers.STORED_AT, "5"), new byte[] {2}),
                "orders");
        Message inBatch = translation.fromWire(
                ScriptedPulsar.message(new Position(7, 3, 2), "k", Map.of(), new byte[0]), "orders");
        Message deadLetter = translation.fromWire(
                ScriptedPulsar.message(
                        new Position(9, 9, -1),
                        null,
                        Map.of("REAL_TOPIC", "persistent://public/default/orders", "ORIGIN_MESSAGE_ID", "7:3:-1"),
                        new byte[0]),
                "dead");

        assertThat(foreign.id().value()).isEqualTo("persistent://public/default/orders/7:3:-1");
        assertThat(foreign.key()).isNull();
        assertThat(foreign.type()).isEmpty();
        assertThat(foreign.headers().asMap()).containsExactly(Map.entry("theirs", "1"));
        assertThat(inBatch.id().value()).isEqualTo("persistent://public/default/orders/7:3:-1:2");
        assertThat(deadLetter.id()).isEqualTo(foreign.id());
    }

    @Test
    void readsItsOwnMessagesBack() {
        Message sent = message("orders", Headers.of(Map.of("", "no name", Headers.STORED_AT, "5")), new byte[] {1});
        WireMessage wire = translation.toWire(sent);

        Message back = translation.fromWire(
                ScriptedPulsar.message(ID, wire.key(), wire.properties(), wire.payload()), "orders");

        assertThat(back).usingRecursiveComparison().isEqualTo(sent);
    }

    private static Message message(String topic, Headers headers, byte[] payload) {
        return new Message(new MessageId("m-1"), new Destination(topic, "red"), "k", "order placed", headers, payload);
    }
}
