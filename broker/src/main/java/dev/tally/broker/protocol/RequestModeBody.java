package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request that sets how a group's clients get a topic's messages.
 *
 * @param topic the topic
 * @param group the consumer group
 * @param pop whether they pop
 * @param sharedQueues with how many others a client shares its queues
 * @since 0.1
 */
public record RequestModeBody(String topic, String group, boolean pop, int sharedQueues) {

    private static final String WHAT = "request mode";

    /** Reads the body. */
    public static RequestModeBody from(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, WHAT);
        return new RequestModeBody(
                JsonBody.requiredText(node, "topic", WHAT),
                JsonBody.requiredText(node, "consumerGroup", WHAT),
                node.path("mode").asString("PULL").equals("POP"),
                node.path("popShareQueueNum").asInt(0));
    }
}
