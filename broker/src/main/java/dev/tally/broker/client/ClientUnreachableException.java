package dev.tally.broker.client;

/** A client that was asked something did not answer. */
public final class ClientUnreachableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ClientUnreachableException(String message) {
        super(message);
    }

    public ClientUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
