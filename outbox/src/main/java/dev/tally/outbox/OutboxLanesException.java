package dev.tally.outbox;

import dev.tally.message.TallyException;

/**
 * A node has another number of lanes than the nodes before it: it would read and write the messages of a key elsewhere.
 *
 * @since 0.1
 */
public class OutboxLanesException extends TallyException {

    /** Creates the exception with both numbers in the message. */
    public OutboxLanesException(String message) {
        super("TALLY-OUTBOX-LANES", message);
    }
}
