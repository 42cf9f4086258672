package dev.tally.broker.protocol;

/**
 * A well-formed frame whose fields or body do not fit its command. The request is answered with an error; the
 * connection goes on.
 *
 * @since 0.1
 */
public class MalformedCommandException extends RuntimeException {

    public MalformedCommandException(String message) {
        super(message);
    }

    public MalformedCommandException(String message, Throwable cause) {
        super(message, cause);
    }
}
