package dev.tally.outbox;

import dev.tally.message.TallyException;

/**
 * A message does not fit into the outbox; the transaction rolls back unless the caller handles it.
 *
 * @since 0.1
 */
public class MessageRefusedException extends TallyException {

    /** Creates the exception with a message that names the id and the limit. */
    public MessageRefusedException(String message) {
        super("TALLY-OUTBOX-MESSAGE-REFUSED", message);
    }
}
