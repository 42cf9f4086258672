package dev.tally.transport;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a group is to go on in one queue.
 *
 * @param queue the queue's name, as {@link QueuePosition} has it
 * @param from the position that is acknowledged now, as far as the broker knows: members tell it some seconds late
 * @param to the position of the first message to be handled then
 * @param since when the message at {@code to} was stored, for a move backwards; {@code null} where it is not known
 * @since 0.1
 */
public record PositionMove(
        String queue, long from, long to, @Nullable Instant since) {

    /** Messages that will not be handled, as far as they are not being handled already. */
    public long skipped() {
        return Math.max(0, to - from);
    }

    /** Messages that come a second time. */
    public long replayed() {
        return Math.max(0, from - to);
    }
}
