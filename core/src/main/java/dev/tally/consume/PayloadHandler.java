package dev.tally.consume;

import java.util.List;

/**
 * The business part of handling a message.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface PayloadHandler {

    /**
     * Handles {@code payload} in the current transaction.
     *
     * @throws Exception of any kind to roll the transaction back and have the message delivered again
     */
    void handle(Object payload, MessageContext context) throws Exception;

    /** Whether payloads have to be valid; one that is not is dead-lettered at once. */
    default boolean takesValidOnly() {
        return false;
    }

    /** Whether all messages that share a transaction are handed over together, to {@link #handleAll}. */
    default boolean takesAll() {
        return false;
    }

    /**
     * Handles payloads in the current transaction, where {@link #takesAll}.
     *
     * @param contexts of the payloads, in their order
     * @throws Exception of any kind to roll the transaction back; each is then handed over by itself
     */
    default void handleAll(List<Object> payloads, List<MessageContext> contexts) throws Exception {
        for (int i = 0; i < payloads.size(); i++) {
            handle(payloads.get(i), contexts.get(i));
        }
    }
}
