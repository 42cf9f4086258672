package dev.tally.broker.transfer;

import java.io.IOException;

/**
 * A copy, or the part of it that concerns one queue, cannot go on; trying again at once would not help.
 *
 * @since 0.1
 */
public final class CopyFailedException extends IOException {

    private static final long serialVersionUID = 1L;

    CopyFailedException(String message) {
        super(message);
    }

    CopyFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
