package dev.tally.broker.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a request to create or change a topic.
 *
 * @param topic the topic
 * @param readQueues queues that consumers see
 * @param writeQueues queues that producers see
 * @param perm 4 read, 2 write
 * @param sysFlag the topic's system flag
 * @param order whether the order flag is to be set
 * @param attributes what is to be changed beside, {@code +name=value} or {@code -name}, separated by commas
 * @since 0.1
 */
public record CreateTopicRequest(
        String topic, int readQueues, int writeQueues, int perm, int sysFlag, boolean order, String attributes) {

    /** The value to which an attribute is to be set, {@code null} where it is not. */
    public @Nullable String attribute(String name) {
        for (String change : attributes.split(",", -1)) {
            String[] parts = change.strip().split("=", 2);
            if (parts.length == 2 && parts[0].equals("+" + name)) {
                return parts[1];
            }
        }
        return null;
    }

    /** The attributes as they are after the changes; this broker's own, which are settings of a topic, are left out. */
    public Map<String, String> changed(Map<String, String> before, Set<String> own) {
        Map<String, String> after = new TreeMap<>(before);
        for (String change : attributes.split(",", -1)) {
            String[] parts = change.strip().split("=", 2);
            String name = parts[0].isEmpty() ? "" : parts[0].substring(1);
            if (parts.length == 2 && parts[0].startsWith("+") && !own.contains(name)) {
                after.put(name, parts[1]);
            } else if (parts.length == 1 && parts[0].startsWith("-")) {
                after.remove(name);
            }
        }
        return after;
    }

    /** Reads an element of a list of topics, whose attributes are given whole. */
    static CreateTopicRequest from(JsonNode topic) {
        StringBuilder attributes = new StringBuilder();
        topic.path("attributes").properties().forEach(attribute -> attributes
                .append(attribute.getKey().startsWith("+") ? "" : "+")
                .append(attribute.getKey())
                .append('=')
                .append(attribute.getValue().asString(""))
                .append(','));
        return new CreateTopicRequest(
                JsonBody.requiredText(topic, "topicName", "topic list"),
                topic.path("readQueueNums").asInt(0),
                topic.path("writeQueueNums").asInt(0),
                topic.path("perm").asInt(6),
                topic.path("topicSysFlag").asInt(0),
                topic.path("order").asBoolean(false),
                attributes.toString());
    }

    /** Reads the body of a request that brings several. */
    public static List<CreateTopicRequest> listFrom(ByteBuffer body) {
        List<CreateTopicRequest> topics = new ArrayList<>();
        JsonBody.readObject(body, "topic list").path("topicConfigList").forEach(topic -> topics.add(from(topic)));
        return topics;
    }

    /** Reads the fields. */
    public static CreateTopicRequest from(Fields fields) {
        return new CreateTopicRequest(
                fields.requiredText("topic"),
                fields.requiredNumber("readQueueNums"),
                fields.requiredNumber("writeQueueNums"),
                fields.number("perm", 6),
                fields.number("topicSysFlag", 0),
                fields.flag("order", false),
                Objects.requireNonNullElse(fields.text("attributes"), ""));
    }
}
