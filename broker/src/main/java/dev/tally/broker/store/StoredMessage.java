package dev.tally.broker.store;

import java.nio.ByteBuffer;

/**
 * A message as the log holds it.
 *
 * @param topic its topic
 * @param queueId its queue
 * @param position the log position of its record
 * @param queueOffset its offset in the queue, {@code -1} where it was looked up by position and is not visible
 * @param tagsHash its tag hash
 * @param storedAtMillis when its record was written, by the broker's clock, epoch milliseconds
 * @param half whether it was prepared as a half message
 * @param lateMillis how long after its time a delayed message became visible, 0 for one that is not delayed or not
 *     visible
 * @param payload the opaque bytes; a view that the caller may read and must not change
 */
public record StoredMessage(
        String topic,
        int queueId,
        long position,
        long queueOffset,
        long tagsHash,
        long storedAtMillis,
        boolean half,
        long lateMillis,
        ByteBuffer payload) {}
