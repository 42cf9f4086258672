package dev.tally.outbox;

import dev.tally.message.Message;
import dev.tally.publish.Settlement;
import java.util.List;

/**
 * Takes entries from the publishing transaction in memory, so that a committed message leaves without being read back.
 * Implementations are thread-safe and never wait for a broker here; for other nodes only where {@link #admit} says so.
 *
 * @since 0.1
 */
public interface EntryHandOff {

    /**
     * Makes room for the messages of one transaction, before their rows are inserted.
     *
     * @throws OutboxNotJoinedException if messages with keys cannot be published now
     */
    Admission admit(List<Message> messages);

    /** Room for the messages of one transaction. Exactly one of its last two methods is called. */
    interface Admission {

        /** The owner under which a message's row is to be inserted. */
        String owner(Message message);

        /** The rows are inserted: keeps their places in the order of their keys until the transaction is decided. */
        Settlement inserted(List<OutboxEntry> entries);

        /** The rows could not be inserted. */
        void abandoned();
    }
}
