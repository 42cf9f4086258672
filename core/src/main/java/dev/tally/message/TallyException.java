package dev.tally.message;

/**
 * The root of Tally's own exceptions. Subclasses are named for what the caller can decide.
 *
 * @since 0.1
 */
public abstract class TallyException extends RuntimeException {

    private final String code;

    /**
     * Creates an exception.
     *
     * @param code stable, for alerts and documentation, for instance {@code TALLY-PAYLOAD-UNREADABLE}
     * @param message what was attempted, on which ids, what was found, what happens next
     */
    protected TallyException(String code, String message) {
        super(message);
        this.code = code;
    }

    /**
     * Creates an exception with a cause.
     *
     * @param code stable, for alerts and documentation
     * @param message what was attempted, on which ids, what was found, what happens next
     * @param cause what was caught
     */
    protected TallyException(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The stable code of this kind of failure. */
    public String code() {
        return code;
    }
}
