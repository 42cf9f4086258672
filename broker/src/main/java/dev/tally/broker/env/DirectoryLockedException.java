package dev.tally.broker.env;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Somebody else has the directory.
 *
 * @since 0.1
 */
public class DirectoryLockedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String owner;

    /** Names the directory and its owner. */
    public DirectoryLockedException(Path directory, String owner) {
        super("Cannot open the data directory " + directory + ": it is in use by process " + owner
                + "; stop that broker, or start this one on another directory");
        this.owner = owner;
    }

    /** The owner's process id, {@code unknown} where it could not be read. */
    public String owner() {
        return owner;
    }
}
