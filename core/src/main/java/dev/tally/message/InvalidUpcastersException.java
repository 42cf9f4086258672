package dev.tally.message;

/**
 * The {@link PayloadUpcaster} beans contradict each other; start-up ends.
 *
 * @since 0.1
 */
public class InvalidUpcastersException extends TallyException {

    /** Creates the exception with a message that names the types. */
    public InvalidUpcastersException(String message) {
        super("TALLY-UPCASTERS-INVALID", message);
    }
}
