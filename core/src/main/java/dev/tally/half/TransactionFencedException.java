package dev.tally.half;

import dev.tally.message.TallyException;

/**
 * The local transaction took so long that a check-back has already rolled its half messages back; it can no longer
 * commit. Running the business method again is safe.
 *
 * @since 0.1
 */
public class TransactionFencedException extends TallyException {

    /** Creates the exception. */
    public TransactionFencedException(String message) {
        super("TALLY-TRANSACTION-FENCED", message);
    }

    /** Creates the exception, with what the database said. */
    public TransactionFencedException(String message, Throwable cause) {
        super("TALLY-TRANSACTION-FENCED", message, cause);
    }
}
