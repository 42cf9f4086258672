package dev.tally.transport.rocketmq;

import java.util.Map;
import java.util.WeakHashMap;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * What has become of deliveries that the client will hand over again because others of their batch failed: the client
 * knows only whole batches. It redelivers the same objects, so this is kept for as long as it holds them. Thread-safe.
 */
final class Progress {

    private static final int DONE = -1;

    private final Map<MessageExt, Integer> attempts = new WeakHashMap<>();

    synchronized boolean isDone(MessageExt delivery) {
        return attempts.getOrDefault(delivery, 0) == DONE;
    }

    synchronized void done(MessageExt delivery) {
        attempts.put(delivery, DONE);
    }

    /** Failed attempts of an ordered delivery so far; the client's own count is of its batch. */
    synchronized int failedAttempts(MessageExt delivery) {
        return Math.max(0, attempts.getOrDefault(delivery, 0));
    }

    synchronized void failed(MessageExt delivery) {
        attempts.merge(delivery, 1, Integer::sum);
    }

    synchronized void forget(Iterable<MessageExt> deliveries) {
        deliveries.forEach(attempts::remove);
    }
}
