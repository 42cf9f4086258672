package dev.tally.transport.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.impl.LongStringHelper;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.client.UnsendableMessageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/** What a message is at the broker, and what comes out of it again. */
class MessageTranslationTest {

    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");

    private final MessageTranslation translation = translation(ForeignWithoutId.REFUSE, "/orders");

    private static MessageTranslation translation(ForeignWithoutId foreign, @Nullable String source) {
        RabbitMqSettings settings = RabbitMqSettings.builder(new CachingConnectionFactory("127.0.0.1", 1))
                .foreignWithoutId(foreign)
                .cloudEventSource(source)
                .build();
        return new MessageTranslation(settings, () -> NOW);
    }

    private static Message message(Headers headers, @Nullable String key) {
        return new Message(
                new MessageId("m-1"),
                new Destination("orders", "red"),
                key,
                "OrderPlaced",
                headers,
                "{}".getBytes(StandardCharsets.UTF_8));
    }

    /** As the client hands it over: text is bytes. */
    private static AMQP.BasicProperties delivered(AMQP.BasicProperties sent) {
        Map<String, Object> headers = new HashMap<>();
        sent.getHeaders()
                .forEach((name, value) ->
                        headers.put(name, value instanceof String text ? LongStringHelper.asLongString(text) : value));
        return sent.builder().headers(headers).build();
    }

    private static Envelope envelope(String routingKey, boolean again) {
        return new Envelope(1, again, "orders", routingKey);
    }

    private Optional<ReceivedMessage> received(AMQP.BasicProperties properties) {
        return translation.fromWire("orders", envelope("r.k", false), delivered(properties), new byte[] {1});
    }

    private ReceivedMessage roundTrip(Message message) {
        return received(translation.toWire(message)).orElseThrow();
    }

    @Test
    void usesTheProtocolsOwnPlacesWhereItHasThem() {
        Headers headers = Headers.empty().with(Headers.CONTENT_TYPE, "application/json");

        AMQP.BasicProperties wire = translation.toWire(message(headers, "k"));

        assertThat(wire.getMessageId()).isEqualTo("m-1");
        assertThat(wire.getType()).isEqualTo("OrderPlaced");
        assertThat(wire.getContentType()).isEqualTo("application/json");
        assertThat(wire.getDeliveryMode()).isEqualTo(2);
        assertThat(wire.getTimestamp().toInstant()).isEqualTo(NOW);
        assertThat(wire.getHeaders())
                .containsOnly(
                        Map.entry("tally-id", "m-1"),
                        Map.entry("tally-key", "k"),
                        Map.entry("tally-tag", "red"),
                        Map.entry("cloudEvents:specversion", "1.0"),
                        Map.entry("cloudEvents:id", "m-1"),
                        Map.entry("cloudEvents:source", "/orders"),
                        Map.entry("cloudEvents:type", "OrderPlaced"),
                        Map.entry("cloudEvents:partitionkey", "k"));
    }

    @Test
    void bringsBackWhatRabbitMqTakesForItsOwn() {
        Headers headers = Headers.of(Map.of(
                "CC",
                "someone",
                "x-delivery-count",
                "7",
                "x-death",
                "",
                "cloudEvents:id",
                "theirs",
                "a&b=c",
                "x",
                "timestamp_in_ms",
                "5",
                "",
                "no name",
                "tally-content-type",
                ""));

        ReceivedMessage received = roundTrip(message(headers, ""));

        assertThat(received.message().headers()).isEqualTo(headers);
        assertThat(received.message().key()).isEmpty();
        assertThat(received.attempt()).isEqualTo(1);
        assertThat(translation.toWire(message(headers, null)).getHeaders())
                .doesNotContainKeys("CC", "x-delivery-count", "x-death", "timestamp_in_ms");
    }

    @Test
    void keepsKeysAndTypesThatDoNotFitTheirPlaces() {
        String longText = "ü".repeat(200);
        Message message = new Message(
                new MessageId("m"), Destination.topic("orders"), longText, longText, Headers.empty(), new byte[0]);

        assertThat(MessageTranslation.routingKey(longText)).hasSize(64);
        assertThat(MessageTranslation.routingKey("short")).isEqualTo("short");
        assertThat(roundTrip(message).message().key()).isEqualTo(longText);
        assertThat(roundTrip(message).message().type()).isEqualTo(longText);
    }

    @Test
    void dropsDelaysWhichHavePassed() {
        Headers headers = Headers.of(Map.of(Headers.DELAY, "5", Headers.DELIVER_AT, "6"));

        assertThat(translation.toWire(message(headers, null)).getHeaders())
                .doesNotContainKeys(Headers.DELAY, Headers.DELIVER_AT);
    }

    @Test
    void refusesWhatAmqpCannotHold() {
        Headers longName = Headers.empty().with("ü".repeat(128), "x");
        Headers large = Headers.empty().with("large", "x".repeat(130_000));
        Message longTopic = new Message(
                new MessageId("m"), Destination.topic("t".repeat(256)), null, "t", Headers.empty(), new byte[0]);

        assertThatThrownBy(() -> translation.toWire(message(longName, null)))
                .isInstanceOf(UnsendableMessageException.class)
                .hasMessageContaining("256 bytes")
                .hasMessageContaining("255");
        assertThatThrownBy(() -> translation.toWire(message(large, null)))
                .isInstanceOf(UnsendableMessageException.class)
                .hasMessageContaining("122880");
        assertThatThrownBy(() -> translation.toWire(longTopic))
                .isInstanceOf(UnsendableMessageException.class)
                .hasMessageContaining("256 bytes");
    }

    @Test
    void takesTheIdOfForeignMessagesFromWhereTheirSenderPutIt() {
        AMQP.BasicProperties named = new AMQP.BasicProperties.Builder()
                .messageId("their-1")
                .type("Theirs")
                .build();
        AMQP.BasicProperties event = new AMQP.BasicProperties.Builder()
                .messageId("their-1")
                .headers(Map.of(
                        "cloudEvents_specversion",
                        "1.0",
                        "cloudEvents_id",
                        "7",
                        "cloudEvents_source",
                        "/s",
                        "cloudEvents_type",
                        "Event",
                        "cloudEvents_partitionkey",
                        "pk"))
                .build();

        Message first = receivedForeign(named);
        Message second = receivedForeign(event);

        assertThat(first.id().value()).isEqualTo("their-1");
        assertThat(first.key()).isEqualTo("r.k");
        assertThat(first.type()).isEqualTo("Theirs");
        assertThat(second.id().value()).isEqualTo("/s/7");
        assertThat(second.key()).isEqualTo("pk");
        assertThat(second.type()).isEqualTo("Event");
        assertThat(second.headers().get("cloudEvents_id")).isEqualTo("7");
    }

    private Message receivedForeign(AMQP.BasicProperties properties) {
        AMQP.BasicProperties.Builder builder = properties.builder();
        if (properties.getHeaders() == null) {
            builder.headers(Map.of());
        }
        return received(builder.build()).orElseThrow().message();
    }

    @Test
    void keepsTextNumbersTruthAndTimesOfForeignHeadersAndDropsTheRest() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("number", 7L);
        headers.put("truth", true);
        headers.put("time", Date.from(NOW));
        headers.put("list", List.of("a"));
        headers.put("table", Map.of("a", 1));
        headers.put("bytes", new byte[] {1});
        headers.put("nothing", null);
        headers.put("tally-stored-at", "5");
        headers.put("tally-tag", "theirs");

        Message message = receivedForeign(new AMQP.BasicProperties.Builder()
                .messageId("x")
                .headers(headers)
                .build());

        assertThat(message.headers().asMap())
                .containsOnly(
                        Map.entry("number", "7"),
                        Map.entry("truth", "true"),
                        Map.entry("time", "2026-03-01T10:00:00Z"));
        assertThat(message.destination().tag()).isNull();
    }

    @Test
    void refusesForeignMessagesWithoutAnIdUnlessItsContentMayBeItsId() {
        AMQP.BasicProperties none =
                new AMQP.BasicProperties.Builder().headers(Map.of("h", "1")).build();
        assertThat(received(none)).isEmpty();

        MessageTranslation byContent = translation(ForeignWithoutId.CONTENT, null);
        AMQP.BasicProperties again = new AMQP.BasicProperties.Builder()
                .headers(Map.of("h", "1", "x-delivery-count", 3L))
                .build();
        AMQP.BasicProperties other =
                new AMQP.BasicProperties.Builder().headers(Map.of("h", "2")).build();
        MessageId first = idByContent(byContent, none, false);

        assertThat(idByContent(byContent, again, true)).isEqualTo(first);
        assertThat(idByContent(byContent, other, false)).isNotEqualTo(first);
    }

    private static MessageId idByContent(
            MessageTranslation translation, AMQP.BasicProperties properties, boolean again) {
        return translation
                .fromWire("orders", envelope("k", again), delivered(properties), new byte[] {1, 2})
                .orElseThrow()
                .message()
                .id();
    }

    @Test
    void countsTheDeliveriesThatTheBrokerCounted() {
        AMQP.BasicProperties wire = translation.toWire(message(Headers.empty(), "k"));

        assertThat(attempt(wire, Map.of(), false)).isEqualTo(1);
        assertThat(attempt(wire, Map.of(), true)).isEqualTo(2);
        assertThat(attempt(wire, Map.of("x-delivery-count", 4L), true)).isEqualTo(5);
        assertThat(attempt(wire, Map.of("x-delivery-count", 1, "x-acquired-count", 3L), true))
                .isEqualTo(4);
        assertThat(attempt(wire, Map.of("x-delivery-count", Long.MAX_VALUE), true))
                .isEqualTo(Integer.MAX_VALUE);
    }

    private int attempt(AMQP.BasicProperties wire, Map<String, Object> added, boolean again) {
        Map<String, Object> headers = new HashMap<>(wire.getHeaders());
        headers.putAll(added);
        return translation
                .fromWire(
                        "orders",
                        envelope("k", again),
                        wire.builder().headers(headers).build(),
                        new byte[0])
                .orElseThrow()
                .attempt();
    }

    @Test
    void tellsWhenTheBrokerStoredItWhereThatIsNoted() {
        AMQP.BasicProperties wire = translation.toWire(message(Headers.empty(), "k"));
        Map<String, Object> headers = new HashMap<>(wire.getHeaders());
        headers.put("timestamp_in_ms", NOW.toEpochMilli());

        assertThat(received(wire).orElseThrow().storedAt()).isNull();
        assertThat(received(wire.builder().headers(headers).build())
                        .orElseThrow()
                        .storedAt())
                .isEqualTo(NOW);
    }
}
