package dev.tally.outbox;

import dev.tally.message.TallyException;

/**
 * Messages with keys cannot be published at the moment: the other nodes do not know of this one yet, or it was silent for
 * so long that they may have taken it for dead. The transaction rolls back; it may be tried again.
 *
 * @since 0.1
 */
public class OutboxNotJoinedException extends TallyException {

    /** Creates the exception with what was waited for. */
    public OutboxNotJoinedException(String message) {
        super("TALLY-OUTBOX-NOT-JOINED", message);
    }
}
