package dev.tally.consume;

import dev.tally.message.TallyException;

/**
 * There is no such consumer in this process, or nothing of it can be changed. Nothing was done.
 *
 * @since 0.1
 */
public final class UnknownConsumerException extends TallyException {

    UnknownConsumerException(String message) {
        super("TALLY-CONSUMER-UNKNOWN", message);
    }
}
