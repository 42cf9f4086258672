package dev.tally.broker.log;

/**
 * The data was written by a newer version of the broker. Nothing was touched.
 *
 * @since 0.1
 */
public class FormatTooNewException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says where, and what was found. */
    public FormatTooNewException(String where, String found) {
        super("Cannot open " + where + ": " + found
                + " was written by a newer version of the broker; nothing was changed, start that version");
    }
}
