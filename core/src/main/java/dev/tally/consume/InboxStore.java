package dev.tally.consume;

import dev.tally.message.MessageId;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The inbox: which messages a group has handled. One row for each (group, message id), in the handler's transaction.
 *
 * @since 0.1
 */
public interface InboxStore {

    /**
     * Inserts, in the current transaction, rows for {@code ids}; a row that another running transaction is inserting is
     * waited for.
     *
     * @return the ids that are new; the others were handled before
     */
    Set<MessageId> insertNew(String group, List<MessageId> ids);

    /**
     * Removes rows that are older than {@code age} by the database's clock, in a transaction of its own.
     *
     * @param limit rows removed at most in this call
     * @return how many were removed
     */
    int purge(Duration age, int limit);
}
