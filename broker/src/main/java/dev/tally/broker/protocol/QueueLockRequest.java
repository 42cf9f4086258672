package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * The body of a request to lock or unlock queues for one consumer of a group.
 *
 * @param group the consumer group
 * @param clientId the client that wants them
 * @param queues the queues
 * @since 0.1
 */
public record QueueLockRequest(String group, String clientId, List<Queue> queues) {

    private static final String WHAT = "queue lock request";

    /**
     * A queue as clients name it.
     *
     * @param topic the topic
     * @param brokerName the broker
     * @param queueId the queue of that topic
     */
    public record Queue(String topic, String brokerName, int queueId) {

        Map<String, Object> toJson() {
            return Map.of("topic", topic, "brokerName", brokerName, "queueId", queueId);
        }
    }

    /** Reads the body. */
    public static QueueLockRequest from(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, WHAT);
        List<Queue> queues = new ArrayList<>();
        for (JsonNode queue : node.path("mqSet")) {
            queues.add(new Queue(
                    JsonBody.requiredText(queue, "topic", WHAT),
                    queue.path("brokerName").asString(""),
                    queue.path("queueId").asInt(0)));
        }
        return new QueueLockRequest(
                JsonBody.requiredText(node, "consumerGroup", WHAT),
                JsonBody.requiredText(node, "clientId", WHAT),
                queues);
    }

    /** The body of the answer: the queues that are locked now. */
    public static ByteBuffer answer(List<Queue> locked) {
        return JsonBody.write(
                Map.of("lockOKMQSet", locked.stream().map(Queue::toJson).toList()));
    }
}
