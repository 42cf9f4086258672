package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * How a client consumes, as its heartbeat says; names of the protocol, handed on unchanged.
 *
 * @param consumeType CONSUME_PASSIVELY for push, CONSUME_ACTIVELY for pull, CONSUME_POP
 * @param messageModel CLUSTERING or BROADCASTING
 * @param consumeFromWhere where a group without an offset begins
 * @since 0.1
 */
public record ConsumerTraits(String consumeType, String messageModel, String consumeFromWhere) {

    /** What is said of a client that said nothing. */
    public static final ConsumerTraits USUAL =
            new ConsumerTraits("CONSUME_PASSIVELY", "CLUSTERING", "CONSUME_FROM_LAST_OFFSET");

    /** Reads the body of a heartbeat: the traits by consumer group. */
    public static Map<String, ConsumerTraits> fromHeartbeat(ByteBuffer body) {
        Map<String, ConsumerTraits> byGroup = new HashMap<>();
        for (JsonNode consumer : JsonBody.readObject(body, "heartbeat").path("consumerDataSet")) {
            byGroup.put(
                    consumer.path("groupName").asString(""),
                    new ConsumerTraits(
                            consumer.path("consumeType").asString(USUAL.consumeType),
                            consumer.path("messageModel").asString(USUAL.messageModel),
                            consumer.path("consumeFromWhere").asString(USUAL.consumeFromWhere)));
        }
        return byGroup;
    }
}
