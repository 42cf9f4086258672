package dev.tally.broker.protocol;

/**
 * A message that cannot be stored as its sender wants it; the request that brought it is well-formed.
 *
 * @since 0.1
 */
public final class IllegalMessageException extends MalformedCommandException {

    private static final long serialVersionUID = 1L;

    public IllegalMessageException(String message) {
        super(message);
    }

    public IllegalMessageException(String message, Throwable cause) {
        super(message, cause);
    }
}
