package dev.tally.broker.protocol;

/**
 * The fields that every question about one queue has.
 *
 * @param topic the topic
 * @param queueId its queue
 * @since 0.1
 */
public record QueueRequest(String topic, int queueId) {

    /** Reads the fields. */
    public static QueueRequest from(Fields fields) {
        return new QueueRequest(fields.requiredText("topic"), fields.requiredNumber("queueId"));
    }
}
