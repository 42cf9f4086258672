package dev.tally.publish;

import dev.tally.message.TallyException;

/**
 * A message was published by a way that this application has not configured.
 *
 * @since 0.1
 */
public class PathMissingException extends TallyException {

    PathMissingException(String message) {
        super("TALLY-PATH-MISSING", message);
    }
}
