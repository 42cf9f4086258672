package dev.tally.broker.protocol;

/**
 * The fields of an acknowledgement, and of the wish that a delivery ends at another time.
 *
 * @param group who consumes
 * @param topic where the message was popped, a retry topic where it came from there
 * @param queueId its queue
 * @param offset its offset
 * @param handle the delivery
 * @since 0.1
 */
public record AckRequest(String group, String topic, int queueId, long offset, ReceiptHandle handle) {

    /** Reads the fields. */
    public static AckRequest from(Fields fields) {
        return new AckRequest(
                fields.requiredText("consumerGroup"),
                fields.requiredText("topic"),
                fields.requiredNumber("queueId"),
                fields.requiredLongNumber("offset"),
                ReceiptHandle.parse(fields.requiredText("extraInfo")));
    }
}
