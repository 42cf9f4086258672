package dev.tally.broker.log;

import java.nio.file.Path;

/**
 * Acknowledged bytes of the log are not what was written. The store does not start, and deletes nothing.
 *
 * @since 0.1
 */
public class LogCorruptedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String file;
    private final long offset;
    private final String found;

    /** Names the file, the offset in it, and what was found there. */
    public LogCorruptedException(Path file, long offset, String found) {
        super(
                "Cannot use log file " + file + " at offset " + offset + ": " + found
                        + "; nothing was changed. Restore the file from a copy, or give up what is damaged by starting with --quarantine");
        this.file = file.toString();
        this.offset = offset;
        this.found = found;
    }

    /** The file. */
    public String file() {
        return file;
    }

    /** What was found there. */
    public String found() {
        return found;
    }

    /** The offset in the file at which the damage was noticed, in bytes. */
    public long offset() {
        return offset;
    }
}
