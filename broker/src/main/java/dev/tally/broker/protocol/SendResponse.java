package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a send's answer.
 *
 * @param messageId the offset message id; of a batch all of them, separated by commas
 * @param queueId the queue
 * @param queueOffset the (first) offset in it, {@code -1} where it is not known yet
 * @param transactionId the transaction's id, {@code null} without one
 * @param recallHandle what recalls a delayed message, {@code null} for one that is not delayed
 * @since 0.1
 */
public record SendResponse(
        String messageId,
        int queueId,
        long queueOffset,
        @Nullable String transactionId,
        @Nullable String recallHandle) {

    /** The fields on the wire. */
    public Fields toFields() {
        return Fields.of(
                "msgId",
                messageId,
                "queueId",
                queueId,
                "queueOffset",
                queueOffset,
                "transactionId",
                transactionId,
                "recallHandle",
                recallHandle,
                PropertyNames.REGION,
                "DefaultRegion",
                PropertyNames.TRACE,
                "true");
    }
}
