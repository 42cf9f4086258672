package dev.tally.transport;

import java.util.List;

/**
 * Handles what a subscription delivers.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface BatchHandler {

    /**
     * Handles received messages of one queue, in order.
     *
     * @return one outcome for each message, in the order of {@code batch}; an exception instead counts as
     *     {@link DeliveryOutcome.Retry} for all of them
     */
    List<DeliveryOutcome> handle(List<ReceivedMessage> batch);
}
