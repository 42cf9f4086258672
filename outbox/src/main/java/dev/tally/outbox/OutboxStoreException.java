package dev.tally.outbox;

import dev.tally.message.TallyException;

/**
 * The outbox table could not be read or written. Inside a business transaction it rolls that back; the relay tries again
 * with back-off.
 *
 * @since 0.1
 */
public class OutboxStoreException extends TallyException {

    /** Creates the exception with what was attempted and the database's cause. */
    public OutboxStoreException(String message, Throwable cause) {
        super("TALLY-OUTBOX-STORE", message, cause);
    }
}
