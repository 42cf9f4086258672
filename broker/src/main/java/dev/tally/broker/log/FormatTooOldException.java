package dev.tally.broker.log;

/**
 * The data was written by a version of the broker whose format is no longer read. Nothing was touched.
 *
 * @since 0.1
 */
public class FormatTooOldException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says where, and what was found. */
    public FormatTooOldException(String where, String found) {
        super("Cannot open " + where + ": " + found
                + " was written by a development version of the broker and is not read any more; nothing was changed, "
                + "start with another data directory");
    }
}
