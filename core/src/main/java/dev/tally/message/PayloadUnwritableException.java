package dev.tally.message;

/**
 * A payload cannot be encoded. Thrown to whoever publishes; the transaction rolls back unless they handle it.
 *
 * @since 0.1
 */
public class PayloadUnwritableException extends TallyException {

    /** Creates the exception with a message that names the type, and the encoder's cause. */
    public PayloadUnwritableException(String message, Throwable cause) {
        super("TALLY-PAYLOAD-UNWRITABLE", message, cause);
    }
}
