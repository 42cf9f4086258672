package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.client.UnsendableMessageException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EntryTranslationTest {

    private static final byte[] STREAM = RedisKeys.bytes("tally:{orders:1}");

    private final EntryTranslation translation = new EntryTranslation(1_000);

    private static Message message(Headers headers, byte[] payload) {
        return new Message(new MessageId("m-1"), new Destination("orders", "red"), "k", "placed", headers, payload);
    }

    private static Map<String, byte[]> fields(List<byte[]> flat) {
        return StreamEntry.of(RedisKeys.bytes("1-0"), flat).fields();
    }

    private Message read(Map<String, byte[]> fields) {
        return translation.fromEntry("orders", STREAM, new StreamEntry("1700000000000-7", fields));
    }

    private static Map<String, byte[]> foreign(String... namesAndValues) {
        Map<String, byte[]> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(namesAndValues[i], RedisKeys.bytes(namesAndValues[i + 1]));
        }
        return fields;
    }

    @Test
    void writesHeadersUnderTheirOwnNamesAndEscapesThoseThatAreTaken() {
        Headers headers = Headers.of(
                Map.of("traceparent", "00-abc", "payload", "a header", "h:x", "y", "tally-content-type", "text/plain"));
        Map<String, byte[]> fields = fields(translation.toFields(message(headers, new byte[] {1, (byte) 0xff})));

        assertThat(fields)
                .containsOnlyKeys(
                        "tally-id",
                        "tally-type",
                        "tally-key",
                        "tally-tag",
                        "payload",
                        "traceparent",
                        "h:payload",
                        "h:h:x",
                        "tally-content-type");
        assertThat(fields.get("payload")).containsExactly(1, 0xff);
        Message back = read(fields);
        assertThat(back.headers()).isEqualTo(headers);
        assertThat(back.id()).isEqualTo(new MessageId("m-1"));
        assertThat(back.key()).isEqualTo("k");
        assertThat(back.type()).isEqualTo("placed");
        assertThat(back.destination()).isEqualTo(new Destination("orders", "red"));
    }

    @Test
    void writesNoDelays() {
        Headers headers = Headers.of(Map.of(Headers.DELAY, "5", Headers.DELIVER_AT, "6", Headers.STORED_AT, "7"));
        Message back = read(fields(translation.toFields(message(headers, new byte[0]))));
        assertThat(back.headers().asMap()).containsOnlyKeys(Headers.STORED_AT);
    }

    @Test
    void refusesWhatIsTooLargeAllTogether() {
        Headers large = Headers.of(Map.of("h", "x".repeat(600)));
        assertThat(translation.toFields(message(large, new byte[200]))).isNotEmpty();
        assertThatThrownBy(() -> translation.toFields(message(large, new byte[400])))
                .isInstanceOf(UnsendableMessageException.class)
                .hasMessageContaining("maxMessageBytes is 1000");
    }

    @Test
    void takesIdAndTimeOfAForeignEntryFromTheEntry() {
        Message message = read(foreign("key", "customer-7", "payload", "{}", "source", "erp", Headers.STORED_AT, "1"));
        assertThat(message.id()).isEqualTo(new MessageId("tally:{orders:1}/1700000000000-7"));
        assertThat(message.key()).isEqualTo("customer-7");
        assertThat(message.type()).isEmpty();
        assertThat(message.payload()).isEqualTo(RedisKeys.bytes("{}"));
        assertThat(message.headers().asMap()).containsExactly(Map.entry("source", "erp"));
        assertThat(new StreamEntry("1700000000000-7", Map.of()).storedAt())
                .isEqualTo(Instant.ofEpochMilli(1_700_000_000_000L));
        assertThat(new StreamEntry("0-7", Map.of()).storedAt()).isNull();
    }

    @Test
    void findsAForeignPayloadUnderOtherUsualNames() {
        assertThat(read(foreign("body", "b", "data", "d")).payload()).isEqualTo(RedisKeys.bytes("d"));
        assertThat(read(foreign("body", "b", "x", "y")).payload()).isEqualTo(RedisKeys.bytes("b"));
    }

    @Test
    void makesAJsonObjectOfAForeignEntryWithoutAPayload() {
        Message message = read(foreign("name", "Zürich \"City\"\n\u0001", "key", "k", "n", "1"));
        assertThat(RedisKeys.text(message.payload()))
                .isEqualTo("{\"name\":\"Zürich \\\"City\\\"\\u000a\\u0001\",\"key\":\"k\",\"n\":\"1\"}");
        assertThat(message.key()).isEqualTo("k");
        assertThat(message.headers().asMap()).containsExactly(Map.entry(Headers.CONTENT_TYPE, "application/json"));
        assertThat(RedisKeys.text(read(Map.of()).payload())).isEqualTo("{}");
    }

    @Test
    void keepsAnIdThatAForeignProducerGaveInTallysWay() {
        assertThat(read(foreign("tally-id", "theirs", "a", "b")).id()).isEqualTo(new MessageId("theirs"));
        assertThat(read(foreign("tally-id", "x".repeat(65), "payload", "b"))
                        .id()
                        .value())
                .startsWith("tally:");
    }
}
