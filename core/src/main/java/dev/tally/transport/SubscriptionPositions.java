package dev.tally.transport;

import java.time.Instant;
import java.util.List;

/**
 * Up to where a group has acknowledged the queues of a topic, and a way to move it. All of it concerns the whole group,
 * all queues and all members, unlike {@link SubscriptionControl}. Every call asks the broker. Thread-safe.
 *
 * @since 0.1
 */
public interface SubscriptionPositions {

    /**
     * The positions of every queue of the topic, whoever handles it.
     *
     * @param withTimes whether {@link QueuePosition#oldest()} is wanted, which may take one more question for each queue
     * @return in the order of the queues' names
     * @throws TransportException if the broker cannot be asked
     */
    List<QueuePosition> read(boolean withTimes);

    /**
     * Where the group would go on from a time: in each queue at the first message that was stored then or later, at the
     * end where there is none. Changes nothing.
     *
     * @return a move for each queue, also where it leads nowhere
     * @throws TransportException if the broker cannot be asked
     */
    List<PositionMove> planTo(Instant time);

    /**
     * How the group would get to a position of one queue. Changes nothing.
     *
     * @throws TransportException if there is no such queue, if it has no such position, or if the broker cannot be asked
     */
    PositionMove planTo(String queue, long position);

    /**
     * Moves the group. When this returns, the broker has the new positions, and what members acknowledge of the old ones
     * does not undo them; members learn of it within the time that their fetches may be held, some seconds. What they
     * have in memory of a queue that moves is dropped; handlers that run end first or later, as when a queue goes to
     * another member.
     *
     * @param moves from {@code planTo}; one that leads nowhere, too, since the group may have got on meanwhile
     * @throws TransportException if the broker refuses or does not answer; the message says which queues were moved before
     */
    void seek(List<PositionMove> moves);
}
