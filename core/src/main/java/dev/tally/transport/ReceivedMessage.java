package dev.tally.transport;

import dev.tally.message.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery.
 *
 * @param message the message
 * @param attempt which delivery of it this is for the group, from 1; a transport that cannot know says 1
 * @param storedAt when the broker stored it, by the broker's clock and the same at each delivery; {@code null} where the
 *     transport cannot know
 * @since 0.1
 */
public record ReceivedMessage(
        Message message, int attempt, @Nullable Instant storedAt) {

    /** A delivery of a message that was stored nobody knows when. */
    public ReceivedMessage(Message message, int attempt) {
        this(message, attempt, null);
    }

    /** The same message, delivered some more times. */
    public ReceivedMessage after(int furtherAttempts) {
        return furtherAttempts == 0 ? this : new ReceivedMessage(message, attempt + furtherAttempts, storedAt);
    }
}
