package dev.tally.reply;

import dev.tally.message.MessageId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.IllegalTransactionStateException;

/**
 * Remembers what was answered to the messages of the inbox. Implementations are thread-safe and work in the transaction
 * of the calling thread.
 *
 * @since 0.1
 */
public interface ReplyStore {

    /**
     * Keeps the reply to a message that this transaction has inserted into the inbox. What an earlier one left, whose
     * inbox row was purged, is replaced.
     *
     * @throws IllegalTransactionStateException outside a transaction
     */
    void put(String group, MessageId id, StoredReply reply);

    /** The reply to a message, or {@code null} if none is kept. */
    @Nullable StoredReply find(String group, MessageId id);

    /**
     * Removes replies older than {@code age} by the database's clock, in a transaction of its own.
     *
     * @param limit rows removed at most
     * @return how many were removed
     */
    int purge(Duration age, int limit);
}
