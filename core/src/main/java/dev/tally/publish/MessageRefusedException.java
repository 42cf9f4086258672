package dev.tally.publish;

import dev.tally.message.TallyException;

/**
 * A message cannot be stored or sent as it is: it breaks a limit of the outbox or of the transport that carries its topic.
 * Nothing was published; the transaction rolls back unless the caller handles it.
 *
 * @since 0.1
 */
public class MessageRefusedException extends TallyException {

    /** Creates the exception with a message that names the id and the limit. */
    public MessageRefusedException(String message) {
        super("TALLY-MESSAGE-REFUSED", message);
    }
}
