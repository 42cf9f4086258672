package dev.tally.broker.protocol;

import org.jspecify.annotations.Nullable;

/**
 * The fields of a client's good-bye.
 *
 * @param clientId the client
 * @param producerGroup the producer group it leaves, {@code null} for none
 * @param consumerGroup the consumer group it leaves, {@code null} for none
 * @since 0.1
 */
public record UnregisterRequest(
        String clientId,
        @Nullable String producerGroup,
        @Nullable String consumerGroup) {

    /** Reads the fields. */
    public static UnregisterRequest from(Fields fields) {
        return new UnregisterRequest(
                fields.requiredText("clientID"), fields.text("producerGroup"), fields.text("consumerGroup"));
    }
}
