package dev.tally.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class JacksonPayloadCodecTest {

    record Order(String id, int quantity, Instant at) {}

    private final PayloadCodec codec = new JacksonPayloadCodec(new JsonMapper());

    @Test
    void whatWasEncodedIsDecodedUnchanged() {
        Order order = new Order("ä\n\"\u0000", 7, Instant.parse("2030-01-02T03:04:05.678Z"));

        assertThat(codec.decode(codec.encode(order), Order.class)).isEqualTo(order);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "{",
                "[]",
                "12",
                "\"text\"",
                "{\"id\":\"a\",\"quantity\":1}}",
                "{\"id\":\"a\",\"quantity\":1} {}",
                "{\"id\":\"a\",\"quantity\":null}",
                "{\"id\":\"a\",\"quantity\":\"many\"}",
                "{\"id\":{},\"quantity\":1}",
                "\u0000\u0001\u0002",
                "<order/>"
            })
    void refusesGarbage(String garbage) {
        assertThatExceptionOfType(PayloadUnreadableException.class)
                .isThrownBy(() -> codec.decode(garbage.getBytes(StandardCharsets.UTF_8), Order.class))
                .withMessageContaining("as Order")
                .satisfies(e -> assertThat(e.code()).isEqualTo("TALLY-PAYLOAD-UNREADABLE"));
    }

    @Test
    void refusesBytesThatAreNoText() {
        byte[] bytes = {'{', '"', 'i', 'd', '"', ':', '"', (byte) 0xC3, (byte) 0x28, '"', '}'};

        assertThatExceptionOfType(PayloadUnreadableException.class).isThrownBy(() -> codec.decode(bytes, Order.class));
    }

    @Test
    void takesPropertiesOfANewerSender() {
        byte[] newer = "{\"id\":\"a\",\"quantity\":1,\"at\":null,\"colour\":\"red\"}".getBytes(StandardCharsets.UTF_8);

        assertThat(codec.decode(newer, Order.class)).isEqualTo(new Order("a", 1, null));
    }
}
