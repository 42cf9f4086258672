package dev.tally.broker.access;

import java.io.IOException;

/**
 * An account file cannot be used. The message names the file, the line and what is wrong there, and no secret.
 *
 * @since 0.1
 */
public final class AccountFileException extends IOException {

    private static final long serialVersionUID = 1L;

    AccountFileException(String message) {
        super(message);
    }
}
