package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a pull.
 *
 * @param group who consumes
 * @param topic from where
 * @param queueId the queue
 * @param offset the first wanted offset
 * @param maxMessages upper bound of messages
 * @param maxBytes soft upper bound of bytes, 0 where the client names none
 * @param sysFlag bits of {@link PullFlag}
 * @param commitOffset the offset to commit, if that bit is set
 * @param suspendMillis how long the broker may hold the pull
 * @param expression the subscription, {@code null} where the heartbeat's counts
 * @param expressionType TAG or SQL92, {@code null} for TAG
 * @param subscriptionVersion the version of the subscription that the client acts on
 * @since 0.1
 */
public record PullRequest(
        String group,
        String topic,
        int queueId,
        long offset,
        int maxMessages,
        int maxBytes,
        int sysFlag,
        long commitOffset,
        long suspendMillis,
        @Nullable String expression,
        @Nullable String expressionType,
        long subscriptionVersion) {

    /** Reads the fields. */
    public static PullRequest from(Fields fields) {
        return new PullRequest(
                fields.requiredText("consumerGroup"),
                fields.requiredText("topic"),
                fields.requiredNumber("queueId"),
                fields.requiredLongNumber("queueOffset"),
                fields.requiredNumber("maxMsgNums"),
                fields.number("maxMsgBytes", 0),
                fields.requiredNumber("sysFlag"),
                fields.longNumber("commitOffset", 0),
                fields.longNumber("suspendTimeoutMillis", 0),
                fields.text("subscription"),
                fields.text("expressionType"),
                fields.longNumber("subVersion", 0));
    }

    /** Whether a bit of {@link PullFlag} is set. */
    public boolean has(int bit) {
        return (sysFlag & bit) != 0;
    }
}
