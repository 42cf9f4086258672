package dev.tally.transport;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Where a group is to go on in one queue.
 *
 * @param queue the queue's name, as {@link QueuePosition} has it
 * @param from the position that is acknowledged now, as far as the broker knows: members tell it some seconds late
 * @param to the position of the first message to be handled then
 * @param messages how many there are between the two; about, where the broker does not number messages and there are many
 * @param since when the message at {@code to} was stored, for a move backwards; {@code null} where it is not known
 * @since 0.1
 */
public record PositionMove(
        String queue,
        long from,
        long to,
        long messages,
        @Nullable Instant since) {

    /** In a queue whose broker numbers the messages one by one. */
    public static PositionMove numbered(String queue, long from, long to, @Nullable Instant since) {
        return new PositionMove(queue, from, to, Math.abs(to - from), since);
    }

    /** Messages that will not be handled, as far as they are not being handled already. */
    public long skipped() {
        return to > from ? messages : 0;
    }

    /** Messages that come a second time. */
    public long replayed() {
        return to < from ? messages : 0;
    }
}
