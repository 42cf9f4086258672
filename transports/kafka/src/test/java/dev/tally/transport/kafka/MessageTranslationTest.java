package dev.tally.transport.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ReceivedMessage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MessageTranslationTest {

    private final MessageTranslation translation = new MessageTranslation(1024 * 1024, "/orders");

    @Test
    void writesWhatOtherToolsLookForWhereTheyLookForIt() {
        ProducerRecord<byte[], byte[]> wire = translation.toWire(
                message(Headers.of(Map.of("city", "Zürich", Headers.CONTENT_TYPE, "application/json"))));

        assertThat(wire.key()).isEqualTo(utf8("k"));
        assertThat(wire.partition()).isNull();
        assertThat(textOf(wire.headers()))
                .containsEntry("tally-id", "m-1")
                .containsEntry("tally-type", "order.placed")
                .containsEntry("tally-tag", "red")
                .containsEntry("content-type", "application/json")
                .containsEntry("city", "Zürich")
                .containsEntry("ce_specversion", "1.0")
                .containsEntry("ce_id", "m-1")
                .containsEntry("ce_source", "/orders")
                .containsEntry("ce_type", "order.placed")
                .containsEntry("ce_partitionkey", "k")
                .hasSize(10);
    }

    @Test
    void handsBackNeitherItsOwnNamesNorTheAttributesThatItWrote() {
        Headers headers = Headers.of(Map.of("city", "Zürich", Headers.CONTENT_TYPE, "application/json"));

        assertThat(thereAndBack(message(headers)).headers()).isEqualTo(headers);
    }

    @Test
    void keepsAUsersHeadersThatHaveNamesOfTheProtocols() {
        Headers headers = Headers.of(Map.of(
                "content-type",
                "text/x=y&z",
                "ce_type",
                "theirs",
                "ce_trace",
                "t",
                Headers.CONTENT_TYPE,
                "text/plain"));
        Headers withoutOurs = Headers.of(Map.of("content-type", "theirs"));

        assertThat(thereAndBack(message(headers)).headers()).isEqualTo(headers);
        assertThat(thereAndBack(message(withoutOurs)).headers()).isEqualTo(withoutOurs);
        assertThat(textOf(translation.toWire(message(headers)).headers()))
                .as("an event has one type")
                .containsEntry("ce_type", "theirs")
                .doesNotContainKey("ce_id");
    }

    @Test
    void neverWritesADelay() {
        Message delayed = message(Headers.of(Map.of(Headers.DELAY, "5", Headers.DELIVER_AT, "7")));

        assertThat(textOf(translation.toWire(delayed).headers())).doesNotContainKeys(Headers.DELAY, Headers.DELIVER_AT);
    }

    @Test
    void namesAForeignMessageByItsPlaceAndTimeAsTheGuardOfListenersDoes() {
        ReceivedMessage received = translation.fromWire(record(null, new byte[0], Map.of(), TimestampType.CREATE_TIME));

        assertThat(received.message().id()).isEqualTo(new MessageId("orders-2-77@1000"));
        assertThat(received.storedAt()).as("any time may be written there").isNull();
        assertThat(translation
                        .fromWire(record(null, new byte[0], Map.of(), TimestampType.LOG_APPEND_TIME))
                        .storedAt())
                .isEqualTo(Instant.ofEpochMilli(1000));
    }

    @Test
    void takesAnotherProducersCloudEventByItsSourceAndId() {
        Message event = translation
                .fromWire(record(
                        utf8("k"),
                        utf8("{}"),
                        Map.of(
                                "ce_specversion",
                                utf8("1.0"),
                                "ce_id",
                                utf8("42"),
                                "ce_source",
                                utf8("/billing"),
                                "ce_type",
                                utf8("paid"),
                                "content-type",
                                utf8("application/json"),
                                "tally-stored-at",
                                utf8("1")),
                        TimestampType.CREATE_TIME))
                .message();

        assertThat(event.id()).isEqualTo(new MessageId("/billing/42"));
        assertThat(event.type()).isEqualTo("paid");
        assertThat(event.headers().asMap())
                .containsEntry("ce_id", "42")
                .containsEntry(Headers.CONTENT_TYPE, "application/json")
                .doesNotContainKey(Headers.STORED_AT);
    }

    @Test
    void readsKeysAndHeadersThatAreNoTextAsHexadecimalDigits() {
        Message message = translation
                .fromWire(record(
                        new byte[] {(byte) 0xca, (byte) 0xfe},
                        new byte[] {1},
                        Map.of("binary", new byte[] {(byte) 0xff, 0}),
                        TimestampType.CREATE_TIME))
                .message();

        assertThat(message.key()).isEqualTo("cafe");
        assertThat(message.headers().get("binary")).isEqualTo("ff00");
    }

    @Test
    void readsATombstoneAsAnEmptyPayload() {
        assertThat(translation
                        .fromWire(record(utf8("k"), null, Map.of(), TimestampType.CREATE_TIME))
                        .message()
                        .payload())
                .isEmpty();
    }

    @Test
    void readsTheNumbersOfDeadLettersAsNumbers() {
        Headers headers = translation
                .fromWire(record(
                        null,
                        new byte[0],
                        Map.of(
                                "kafka_dlt-original-partition",
                                ByteBuffer.allocate(4).putInt(3).array(),
                                "kafka_dlt-original-offset",
                                ByteBuffer.allocate(8).putLong(1234567890123L).array()),
                        TimestampType.CREATE_TIME))
                .message()
                .headers();

        assertThat(headers.get("kafka_dlt-original-partition")).isEqualTo("3");
        assertThat(headers.get("kafka_dlt-original-offset")).isEqualTo("1234567890123");
    }

    @Test
    void leavesWhatCannotBeDecodedAsItIs() {
        Headers headers = translation
                .fromWire(record(
                        null,
                        new byte[0],
                        Map.of("tally-id", utf8("m-1"), "tally-encoded", utf8("%zz=%")),
                        TimestampType.CREATE_TIME))
                .message()
                .headers();

        assertThat(headers.asMap()).isEqualTo(Map.of("tally-encoded", "%zz=%"));
    }

    @Test
    void refusesTopicsThatKafkaDoesNotHave() {
        assertThat(refusal("or ders"))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("or ders").contains("characters"));
        assertThat(refusal("x".repeat(250)))
                .hasValueSatisfying(reason -> assertThat(reason).contains("250").contains("249"));
        assertThat(refusal("..")).isPresent();
        assertThat(refusal("__consumer_offsets")).isPresent();
        assertThat(refusal("x".repeat(249))).isEmpty();
    }

    @Test
    void refusesHalvesOfCharacters() {
        assertThat(translation.refusal(message(Headers.of(Map.of("bad", "\ud800")))))
                .isPresent();
        assertThat(translation.refusal(message(Headers.of(Map.of("fine", "\ud83d\ude00")))))
                .isEmpty();
        assertThat(translation.refusal(new Message(
                        new MessageId("m"), Destination.topic("t"), "\udc00", "type", Headers.empty(), new byte[0])))
                .hasValueSatisfying(reason -> assertThat(reason).contains("key"));
    }

    private Optional<String> refusal(String topic) {
        return translation.refusal(
                new Message(new MessageId("m"), Destination.topic(topic), null, "type", Headers.empty(), new byte[0]));
    }

    private static Message message(Headers headers) {
        return new Message(
                new MessageId("m-1"), new Destination("orders", "red"), "k", "order.placed", headers, new byte[] {1});
    }

    private Message thereAndBack(Message message) {
        ProducerRecord<byte[], byte[]> sent = translation.toWire(message);
        return translation
                .fromWire(new ConsumerRecord<>(
                        sent.topic(),
                        0,
                        1,
                        5,
                        TimestampType.CREATE_TIME,
                        0,
                        0,
                        sent.key(),
                        sent.value(),
                        sent.headers(),
                        Optional.empty()))
                .message();
    }

    private static ConsumerRecord<byte[], byte[]> record(
            byte @Nullable [] key, byte @Nullable [] value, Map<String, byte[]> headers, TimestampType type) {
        RecordHeaders written = new RecordHeaders();
        headers.forEach(written::add);
        return new ConsumerRecord<>("orders", 2, 77, 1000, type, 0, 0, key, value, written, Optional.empty());
    }

    private static Map<String, String> textOf(Iterable<Header> headers) {
        Map<String, String> text = new LinkedHashMap<>();
        headers.forEach(header -> text.put(header.key(), new String(header.value(), StandardCharsets.UTF_8)));
        return text;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
