package dev.tally.broker.filter;

/** Two values cannot be compared; the message that has them does not match. Without a stack: it may be one a message. */
final class NotComparableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotComparableException(String message) {
        super(message, null, false, false);
    }
}
