package dev.tally.half;

import dev.tally.message.MessageId;

/**
 * Answers a broker that asks what became of a local transaction.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface CheckBack {

    /** The answer for one half message. Any thread; bounded in time; an exception counts as {@code UNKNOWN}. */
    CheckBackAnswer check(String transactionId, MessageId messageId);
}
