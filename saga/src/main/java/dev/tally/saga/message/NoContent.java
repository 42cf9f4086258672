package dev.tally.saga.message;

import dev.tally.message.MessageType;

/**
 * The payload of replies that bring nothing.
 *
 * @since 0.1
 */
@MessageType(NoContent.TYPE)
public record NoContent() {

    /** Its logical name. */
    public static final String TYPE = "tally-no-content";
}
