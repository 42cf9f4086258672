package dev.tally.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class PayloadUpcastersTest {

    private final List<String> taken = new ArrayList<>();

    private PayloadUpcaster step(String from, String to, Predicate<JsonNode> when, UnaryOperator<ObjectNode> change) {
        return new PayloadUpcaster() {
            @Override
            public String from() {
                return from;
            }

            @Override
            public String to() {
                return to;
            }

            @Override
            public boolean appliesTo(JsonNode payload, Headers headers) {
                return when.test(payload);
            }

            @Override
            public JsonNode upcast(JsonNode payload, Headers headers) {
                taken.add(from + ">" + to);
                return change.apply((ObjectNode) payload);
            }
        };
    }

    private PayloadUpcaster step(String from, String to) {
        return step(from, to, payload -> true, payload -> payload.put("via" + from, true));
    }

    private static PayloadUpcasters of(PayloadUpcaster... steps) {
        return PayloadUpcasters.of(List.of(steps), JsonMapper.shared());
    }

    private static Message message(String type, String payload) {
        return new Message(
                new MessageId("m"),
                Destination.topic("t"),
                null,
                type,
                Headers.empty(),
                payload.getBytes(StandardCharsets.UTF_8));
    }

    private static String json(PayloadUpcasters.Upcast upcast) {
        return upcast.type() + new String(upcast.payload(), StandardCharsets.UTF_8);
    }

    @Test
    void takesStepAfterStepUntilTheHandlerTakesTheType() {
        PayloadUpcasters upcasters = of(step("b", "c"), step("a", "b"), step("c", "d"));
        assertThat(json(upcasters.apply(message("a", "{}"), "c"::equals))).isEqualTo("c{\"viaa\":true,\"viab\":true}");
        assertThat(taken).containsExactly("a>b", "b>c");
        assertThat(upcasters.reachableFrom("b")).isEqualTo(Set.of("b", "c", "d"));
    }

    @Test
    void leavesTheBytesOfAPresentTypeAsTheyAre() {
        PayloadUpcasters upcasters = of(step("a", "b"));
        Message present = message("b", "{ \"x\" : 1.0 }");
        assertThat(upcasters.apply(present, "b"::equals).payload()).isSameAs(present.payload());
        Message stillTaken = message("a", "{ \"x\" : 1.0 }");
        assertThat(upcasters.apply(stillTaken, "a"::equals).payload()).isSameAs(stillTaken.payload());
        Message binary = message("c", "\u0000\u0001");
        assertThat(upcasters.apply(binary, "c"::equals).payload()).isSameAs(binary.payload());
    }

    @Test
    void correctsAPayloadWhoseTypeKeptItsNameOnce() {
        PayloadUpcasters upcasters = of(
                step("a", "a", payload -> !payload.has("currency"), payload -> payload.put("currency", "EUR")),
                step("a", "a", payload -> payload.has("sum"), payload -> {
                    payload.set("amount", payload.remove("sum"));
                    return payload;
                }));
        assertThat(json(upcasters.apply(message("a", "{\"sum\":3}"), "a"::equals)))
                .isEqualTo("a{\"currency\":\"EUR\",\"amount\":3}");
        assertThat(taken).hasSize(2);
        assertThat(json(upcasters.apply(message("a", "{\"currency\":\"USD\"}"), "a"::equals)))
                .isEqualTo("a{\"currency\":\"USD\"}");
    }

    @Test
    void choosesTheStepByThePayload() {
        PayloadUpcasters upcasters = of(
                step("event", "paid", payload -> payload.has("paid"), payload -> payload),
                step("event", "placed", payload -> true, payload -> payload));
        assertThat(upcasters
                        .apply(message("event", "{\"paid\":1}"), type -> !type.equals("event"))
                        .type())
                .isEqualTo("paid");
        assertThat(upcasters
                        .apply(message("event", "{}"), type -> !type.equals("event"))
                        .type())
                .isEqualTo("placed");
    }

    @Test
    void endsWhereNoStepLeadsOnAndSaysHowFarItCame() {
        assertThat(of(step("a", "b")).apply(message("a", "{}"), type -> false).type())
                .isEqualTo("b");
    }

    @Test
    void aCircleEndsTheStart() {
        assertThatThrownBy(() -> of(step("x", "a"), step("a", "b"), step("b", "c"), step("c", "a")))
                .isInstanceOf(InvalidUpcastersException.class)
                .hasMessageMatching(".*circle, (a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c);.*");
        assertThat(of(step("a", "a"), step("a", "b"), step("c", "b"), step("a", "c"))
                        .reachableFrom("a"))
                .isEqualTo(Set.of("a", "b", "c"));
    }

    @Test
    void whatAStepCannotReadIsUnreadable() {
        PayloadUpcasters upcasters = of(step("a", "b", payload -> true, payload -> {
            throw new IllegalStateException("no sum");
        }));
        assertThatThrownBy(() -> upcasters.apply(message("a", "{}"), "b"::equals))
                .isInstanceOf(PayloadUnreadableException.class)
                .hasMessageContaining("Cannot make a b of a a")
                .hasMessageContaining("no sum");
        assertThatThrownBy(() -> upcasters.apply(message("a", "no JSON"), "b"::equals))
                .isInstanceOf(PayloadUnreadableException.class);
        assertThatThrownBy(() ->
                        of(step("a", "b", payload -> true, payload -> null)).apply(message("a", "{}"), "b"::equals))
                .isInstanceOf(PayloadUnreadableException.class)
                .hasMessageContaining("null");
    }
}
