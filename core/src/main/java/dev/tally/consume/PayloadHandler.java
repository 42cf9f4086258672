package dev.tally.consume;

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
}
