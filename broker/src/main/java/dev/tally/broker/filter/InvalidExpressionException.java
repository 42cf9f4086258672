package dev.tally.broker.filter;

/**
 * A filter expression cannot be understood.
 *
 * @since 0.1
 */
public class InvalidExpressionException extends Exception {

    private static final long serialVersionUID = 1L;

    /** Says what is wrong, and where. */
    public InvalidExpressionException(String message) {
        super(message);
    }
}
