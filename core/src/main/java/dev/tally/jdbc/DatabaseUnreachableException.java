package dev.tally.jdbc;

import dev.tally.message.TallyException;

/**
 * The database did not answer a question that start-up depends on.
 *
 * @since 0.1
 */
public class DatabaseUnreachableException extends TallyException {

    DatabaseUnreachableException(String message, Throwable cause) {
        super("TALLY-DATABASE-UNREACHABLE", message, cause);
    }
}
