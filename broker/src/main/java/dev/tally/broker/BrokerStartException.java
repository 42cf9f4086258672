package dev.tally.broker;

/**
 * The broker could not start; nothing of it is left running. The message says in one line what was attempted and what
 * was found.
 *
 * @since 0.1
 */
public final class BrokerStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says why, and what was found below. */
    public BrokerStartException(String message, Throwable cause) {
        super(message, cause);
    }
}
