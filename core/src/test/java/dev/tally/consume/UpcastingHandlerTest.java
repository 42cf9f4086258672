package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.message.PayloadUpcaster;
import dev.tally.message.PayloadUpcasters;
import dev.tally.testing.TestDatabase;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Messages of an earlier release reach the handlers of the present one. */
class UpcastingHandlerTest {

    @MessageType("order-placed.v2")
    record Placed(String order, String currency) {}

    private final TestDatabase database = TestDatabase.h2();
    private final List<Object> handled = new ArrayList<>();

    @AfterEach
    void close() {
        database.close();
    }

    private List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
        return new IdempotentHandler(
                        new Subscription("orders", "stock", "*", 1, false, 16),
                        Placed.class,
                        (payload, context) -> handled.add(payload),
                        ConsumeParts.of(
                                        new JdbcInboxStore(
                                                database.dataSource(), database.transactions(), database.dialect()),
                                        database.transactions(),
                                        new JacksonPayloadCodec(new JsonMapper()),
                                        () -> Instant.EPOCH)
                                .with(PayloadUpcasters.of(List.of(new WithCurrency()), new JsonMapper())))
                .handle(batch);
    }

    static class WithCurrency implements PayloadUpcaster {

        @Override
        public String from() {
            return "order-placed";
        }

        @Override
        public String to() {
            return "order-placed.v2";
        }

        @Override
        public JsonNode upcast(JsonNode payload, Headers headers) {
            if (!payload.has("order")) {
                throw new IllegalArgumentException("no order");
            }
            return ((ObjectNode) payload).put("currency", "EUR");
        }
    }

    private static ReceivedMessage delivery(String id, String type, String payload) {
        return new ReceivedMessage(
                new Message(
                        new MessageId(id),
                        Destination.topic("orders"),
                        null,
                        type,
                        Headers.empty(),
                        payload.getBytes(StandardCharsets.UTF_8)),
                1);
    }

    @Test
    void handlesAnEarlierPayloadAsAPresentOneAndKnowsItAgain() {
        List<DeliveryOutcome> outcomes = handle(List.of(
                delivery("1", "order-placed", "{\"order\":\"a\"}"),
                delivery("2", "order-placed.v2", "{\"order\":\"b\",\"currency\":\"USD\"}"),
                delivery("1", "order-placed", "{\"order\":\"a\"}")));
        assertThat(outcomes).hasSize(3).allMatch(DeliveryOutcome.Delivered.class::isInstance);
        assertThat(handled).containsExactly(new Placed("a", "EUR"), new Placed("b", "USD"));
    }

    @Test
    void whatCannotBeMadePresentIsDeadLetteredAndStopsNoOther() {
        List<DeliveryOutcome> outcomes = handle(List.of(
                delivery("1", "order-placed", "{}"),
                delivery("2", "order-lost", "{}"),
                delivery("3", "order-placed", "{\"order\":\"c\"}")));
        assertThat(outcomes.get(0))
                .isInstanceOf(DeliveryOutcome.DeadLetter.class)
                .asString()
                .contains("no order");
        assertThat(outcomes.get(1))
                .isInstanceOf(DeliveryOutcome.DeadLetter.class)
                .asString()
                .contains("'order-lost' is unknown");
        assertThat(outcomes.get(2)).isInstanceOf(DeliveryOutcome.Delivered.class);
        assertThat(handled).containsExactly(new Placed("c", "EUR"));
    }
}
