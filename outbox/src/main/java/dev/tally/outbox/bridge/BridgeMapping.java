package dev.tally.outbox.bridge;

import dev.tally.message.Message;

/**
 * Says what message a row of another outbox becomes. Called inside the transaction that takes the row, once for each
 * time that it is tried, and outside of any for {@link OutboxBridge#preview}; implementations are thread-safe, quick, and
 * change nothing anywhere.
 *
 * <p>An exception counts as {@link Leave}, with its message as the reason.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface BridgeMapping {

    /** What becomes of {@code row}. */
    Decision map(BridgedRow row);

    /** What becomes of a row. */
    sealed interface Decision permits Deliver, Drop, Leave {}

    /**
     * Tally delivers it as {@code message}. Without a content type among its headers, it gets {@code application/json}.
     *
     * @param message normally with the id {@link BridgedRow#messageId}
     */
    record Deliver(Message message) implements Decision {}

    /**
     * It is not delivered, on purpose. That is remembered with its reason, and counted.
     *
     * @param reason why, in words without ids, since rows are counted by it
     */
    record Drop(String reason) implements Decision {}

    /**
     * It cannot be mapped. It stays where it is, later rows of its key wait behind it, and it is tried again from time to
     * time.
     *
     * @param reason why, in words without ids, since rows are counted by it
     */
    record Leave(String reason) implements Decision {}

    /** {@link Deliver}. */
    static Decision deliver(Message message) {
        return new Deliver(message);
    }

    /** {@link Drop}. */
    static Decision drop(String reason) {
        return new Drop(reason);
    }

    /** {@link Leave}. */
    static Decision leave(String reason) {
        return new Leave(reason);
    }
}
