package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * The body of a heartbeat: who the client is and what it produces and consumes.
 *
 * @param clientId the client
 * @param producerGroups producer groups it is a member of
 * @param consumers consumer groups it is a member of
 * @param fingerprint of its subscriptions, 0 from clients that do not send one
 * @param withoutSubscriptions whether it leaves its subscriptions out because they did not change
 * @since 0.1
 */
public record Heartbeat(
        String clientId,
        List<String> producerGroups,
        List<Consumer> consumers,
        int fingerprint,
        boolean withoutSubscriptions) {

    private static final String WHAT = "heartbeat";

    /**
     * A membership in a consumer group.
     *
     * @param group the group
     * @param messageModel CLUSTERING or BROADCASTING
     * @param subscriptions what it consumes
     */
    public record Consumer(String group, String messageModel, List<Subscription> subscriptions) {}

    /** Reads the body. */
    public static Heartbeat from(ByteBuffer body) {
        JsonNode node = JsonBody.readObject(body, WHAT);
        List<String> producers = new ArrayList<>();
        for (JsonNode producer : node.path("producerDataSet")) {
            producers.add(JsonBody.requiredText(producer, "groupName", WHAT));
        }
        List<Consumer> consumers = new ArrayList<>();
        for (JsonNode consumer : node.path("consumerDataSet")) {
            List<Subscription> subscriptions = new ArrayList<>();
            for (JsonNode subscription : consumer.path("subscriptionDataSet")) {
                subscriptions.add(Subscription.from(subscription));
            }
            consumers.add(new Consumer(
                    JsonBody.requiredText(consumer, "groupName", WHAT),
                    consumer.path("messageModel").asString("CLUSTERING"),
                    subscriptions));
        }
        return new Heartbeat(
                JsonBody.requiredText(node, "clientID", WHAT),
                producers,
                consumers,
                node.path("heartbeatFingerprint").asInt(0),
                node.path("withoutSub").asBoolean(false));
    }
}
