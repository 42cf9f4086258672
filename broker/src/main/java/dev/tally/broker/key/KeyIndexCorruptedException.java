package dev.tally.broker.key;

import java.nio.file.Path;

/**
 * A file of the key index is damaged or gone. Nothing is lost: the index is derived from the log, and the next start
 * builds it again.
 *
 * @since 0.1
 */
public class KeyIndexCorruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says which file was to be read, and what was found. */
    public KeyIndexCorruptedException(Path file, String found) {
        super("Cannot look up a key in " + file + ": " + found
                + "; nothing is lost, start the broker again and the index is built again from the log");
    }
}
