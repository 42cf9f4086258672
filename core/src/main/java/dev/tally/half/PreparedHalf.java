package dev.tally.half;

import dev.tally.message.MessageId;

/**
 * A half message that the broker has. Transports subclass it with what they need to decide it.
 *
 * @since 0.1
 */
public interface PreparedHalf {

    /** The message. */
    MessageId messageId();
}
