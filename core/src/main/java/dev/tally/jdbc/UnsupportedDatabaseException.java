package dev.tally.jdbc;

import dev.tally.message.TallyException;

/**
 * The database is none of the supported ones; start-up ends.
 *
 * @since 0.1
 */
public class UnsupportedDatabaseException extends TallyException {

    UnsupportedDatabaseException(String message) {
        super("TALLY-DATABASE-UNSUPPORTED", message);
    }
}
