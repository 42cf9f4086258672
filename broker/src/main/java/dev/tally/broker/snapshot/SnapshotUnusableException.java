package dev.tally.broker.snapshot;

import java.io.IOException;

/**
 * A snapshot cannot be started from. Nothing is lost: an older one or the log itself has everything.
 *
 * @since 0.1
 */
public class SnapshotUnusableException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Says what was found. */
    public SnapshotUnusableException(String found) {
        super(found);
    }

    /** Says what was found, and why. */
    public SnapshotUnusableException(String found, Throwable cause) {
        super(found, cause);
    }
}
