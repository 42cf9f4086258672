package dev.tally.broker.server;

import dev.tally.broker.store.Appended;

/**
 * Where a message went.
 *
 * @param queueId its queue
 * @param position its log position
 * @param queueOffset its offset in the queue, {@code -1} while it is not visible
 */
record Placed(int queueId, long position, long queueOffset) {

    static Placed of(int queueId, Appended appended) {
        return new Placed(queueId, appended.position(), appended.queueOffset());
    }
}
