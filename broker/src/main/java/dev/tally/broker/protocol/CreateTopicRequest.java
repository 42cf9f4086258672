package dev.tally.broker.protocol;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request to create or change a topic.
 *
 * @param topic the topic
 * @param readQueues queues that consumers see
 * @param writeQueues queues that producers see
 * @param perm 4 read, 2 write
 * @param sysFlag the topic's system flag
 * @param attributes what is to be changed beside, {@code +name=value} or {@code -name}, separated by commas
 * @since 0.1
 */
public record CreateTopicRequest(
        String topic, int readQueues, int writeQueues, int perm, int sysFlag, String attributes) {

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

    /** Reads the fields. */
    public static CreateTopicRequest from(Fields fields) {
        return new CreateTopicRequest(
                fields.requiredText("topic"),
                fields.requiredNumber("readQueueNums"),
                fields.requiredNumber("writeQueueNums"),
                fields.number("perm", 6),
                fields.number("topicSysFlag", 0),
                Objects.requireNonNullElse(fields.text("attributes"), ""));
    }
}
