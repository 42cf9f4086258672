package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import tools.jackson.databind.JsonNode;

/**
 * The body of a client's question which queues it shall consume.
 *
 * @param topic the topic
 * @param group the consumer group
 * @param clientId the client
 * @param strategy how queues are allocated, {@code AVG} or {@code AVG_BY_CIRCLE}
 * @param broadcasting whether every member consumes everything
 * @since 0.1
 */
public record AssignmentRequest(String topic, String group, String clientId, String strategy, boolean broadcasting) {

    private static final String WHAT = "question for assigned queues";

    /** Reads the body. */
    public static AssignmentRequest from(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, WHAT);
        return new AssignmentRequest(
                JsonBody.requiredText(node, "topic", WHAT),
                JsonBody.requiredText(node, "consumerGroup", WHAT),
                node.path("clientId").asString(""),
                node.path("strategyName").asString(""),
                node.path("messageModel").asString("CLUSTERING").equals("BROADCASTING"));
    }
}
