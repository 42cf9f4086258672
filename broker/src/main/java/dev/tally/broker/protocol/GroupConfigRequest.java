package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request to create or change a consumer group.
 *
 * @param group the group
 * @param consumeEnabled whether its consumers may pull
 * @param retryQueues queues of its retry topic
 * @param maxReconsume redeliveries before the dead letters
 * @since 0.1
 */
public record GroupConfigRequest(String group, boolean consumeEnabled, int retryQueues, int maxReconsume) {

    private static final String WHAT = "consumer group configuration";

    /** Reads the body. */
    public static GroupConfigRequest from(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, WHAT);
        return new GroupConfigRequest(
                JsonBody.requiredText(node, "groupName", WHAT),
                node.path("consumeEnable").asBoolean(true),
                node.path("retryQueueNums").asInt(1),
                node.path("retryMaxTimes").asInt(16));
    }
}
