package dev.tally.broker.message;

import dev.tally.broker.store.Appended;

/**
 * Where a message went.
 *
 * @param queueId its queue
 * @param position its log position
 * @param queueOffset its offset in the queue, {@code -1} while it is not visible
 */
public record Placed(int queueId, long position, long queueOffset) {

    public static Placed of(int queueId, Appended appended) {
        return new Placed(queueId, appended.position(), appended.queueOffset());
    }
}
