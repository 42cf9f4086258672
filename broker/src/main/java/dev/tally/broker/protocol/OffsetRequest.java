package dev.tally.broker.protocol;

/**
 * The fields of a query or an update of a group's committed offset.
 *
 * @param group the consumer group
 * @param topic the topic
 * @param queueId its queue
 * @param offset the offset to commit, {@code -1} in a query
 * @param zeroIfNotFound whether a query of a group that never committed may be answered with 0
 * @since 0.1
 */
public record OffsetRequest(String group, String topic, int queueId, long offset, boolean zeroIfNotFound) {

    /** Reads the fields. */
    public static OffsetRequest from(Fields fields) {
        return new OffsetRequest(
                fields.requiredText("consumerGroup"),
                fields.requiredText("topic"),
                fields.requiredNumber("queueId"),
                fields.longNumber("commitOffset", -1),
                fields.flag("setZeroIfNotFound", true));
    }
}
