package dev.tally.transport;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far a group has got in one queue of a topic. Positions grow from message to message; only some brokers number them
 * one by one.
 *
 * @param queue the queue's name, unique within the topic
 * @param acknowledged the position of the first message that the group has not acknowledged; the broker may learn of it
 *     some seconds late where another member has the queue
 * @param first the position of the oldest message that the broker still has
 * @param end the position that the next message will get
 * @param lag messages of the queue that wait or are being handled; about, where the broker does not number messages and
 *     many wait
 * @param oldest when the message at {@code acknowledged} was stored; {@code null} where it was not asked for, or is not
 *     known
 * @param owned whether this member of the group handles the queue at the moment
 * @since 0.1
 */
public record QueuePosition(
        String queue,
        long acknowledged,
        long first,
        long end,
        long lag,
        @Nullable Instant oldest,
        boolean owned) {

    /** Of a queue whose broker numbers the messages one by one, which says how many there are between two positions. */
    public static QueuePosition numbered(
            String queue, long acknowledged, long first, long end, @Nullable Instant oldest, boolean owned) {
        long lag = Math.max(0, end - Math.max(acknowledged, first));
        return new QueuePosition(queue, acknowledged, first, end, lag, oldest, owned);
    }
}
