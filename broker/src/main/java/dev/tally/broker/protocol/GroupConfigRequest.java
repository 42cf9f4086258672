package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request to create or change a consumer group.
 *
 * @param group the group
 * @param consumeEnabled whether its consumers may pull
 * @param retryQueues queues of its retry topic
 * @param maxReconsume redeliveries before the dead letters
 * @param more the whole object as it was given, as text
 * @since 0.1
 */
public record GroupConfigRequest(String group, boolean consumeEnabled, int retryQueues, int maxReconsume, String more) {

    private static final String WHAT = "consumer group configuration";

    /** Reads the body. */
    public static GroupConfigRequest from(ByteBuffer body) {
        return from(JsonBody.readObject(body, WHAT));
    }

    /** Reads the body of a request that brings several. */
    public static List<GroupConfigRequest> listFrom(ByteBuffer body) {
        List<GroupConfigRequest> groups = new ArrayList<>();
        JsonBody.readObject(body, WHAT + " list").path("groupConfigList").forEach(group -> groups.add(from(group)));
        return groups;
    }

    private static GroupConfigRequest from(JsonNode node) {
        return new GroupConfigRequest(
                JsonBody.requiredText(node, "groupName", WHAT),
                node.path("consumeEnable").asBoolean(true),
                node.path("retryQueueNums").asInt(1),
                node.path("retryMaxTimes").asInt(16),
                node.toString());
    }
}
