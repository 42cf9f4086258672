package dev.tally.outbox;

import dev.tally.message.MessageId;
import java.util.Optional;

/**
 * What was sent, for the audit trail. Implementations are thread-safe and read in a short transaction of their own.
 *
 * @since 0.1
 */
public interface OutboxArchive {

    /**
     * The message that was sent with this id; the last one, where it was sent several times.
     *
     * @throws OutboxStoreException when the database cannot be used
     */
    Optional<ArchivedEntry> find(MessageId id);
}
