package dev.tally.broker.protocol;

/**
 * Bytes that are no frame of this protocol. Nothing after them on the same connection can be understood, so the
 * connection is closed.
 *
 * @since 0.1
 */
public final class MalformedFrameException extends RuntimeException {

    public MalformedFrameException(String message) {
        super(message);
    }

    public MalformedFrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
