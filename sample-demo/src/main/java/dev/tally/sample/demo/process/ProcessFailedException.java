package dev.tally.sample.demo.process;

/**
 * A process did not start, did not become ready, or ended by itself; the message is one line with the log's place.
 *
 * @since 0.1
 */
public class ProcessFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    ProcessFailedException(String message) {
        super(message);
    }

    ProcessFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
