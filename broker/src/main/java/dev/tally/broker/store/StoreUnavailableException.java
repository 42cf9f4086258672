package dev.tally.broker.store;

/**
 * The log could not be written or was fenced after a disk error: the outcome of the operation is unknown, and no later
 * operation will succeed until the broker is started again on its directory.
 */
public class StoreUnavailableException extends RuntimeException {

    public StoreUnavailableException(String message) {
        super(message);
    }

    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
