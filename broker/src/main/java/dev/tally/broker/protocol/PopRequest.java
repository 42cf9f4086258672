package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a pop, and of the question whether a pop would find something, which has fewer.
 *
 * @param group who consumes
 * @param topic from where
 * @param queueId the queue, below 0 for all
 * @param maxMessages upper bound of messages
 * @param invisibleMillis how long nobody else gets them
 * @param pollMillis how long the broker may hold the pop
 * @param fromFirst where a group without progress begins: at the first message or at the last
 * @param expression the filter, {@code null} for everything
 * @param expressionType TAG or SQL92, {@code null} for TAG
 * @param ordered whether messages are consumed in order
 * @param attemptId a name by which the pop may be repeated, empty for none
 * @since 0.1
 */
public record PopRequest(
        String group,
        String topic,
        int queueId,
        int maxMessages,
        long invisibleMillis,
        long pollMillis,
        boolean fromFirst,
        @Nullable String expression,
        @Nullable String expressionType,
        boolean ordered,
        String attemptId) {

    /** Reads the fields of a pop. */
    public static PopRequest from(Fields fields) {
        return read(fields, fields.requiredNumber("maxMsgNums"), fields.requiredLongNumber("invisibleTime"));
    }

    /** Reads the fields of the question whether a pop would find something, or of who waits for that. */
    public static PopRequest ofQuestion(Fields fields) {
        return read(fields, 1, 1);
    }

    private static PopRequest read(Fields fields, int maxMessages, long invisibleMillis) {
        String attemptId = fields.text("attemptId");
        return new PopRequest(
                fields.requiredText("consumerGroup"),
                fields.requiredText("topic"),
                fields.requiredNumber("queueId"),
                maxMessages,
                invisibleMillis,
                fields.longNumber("pollTime", 0),
                fields.number("initMode", 0) == 0,
                fields.text("exp"),
                fields.text("expType"),
                fields.flag("order", false),
                attemptId == null ? "" : attemptId);
    }
}
