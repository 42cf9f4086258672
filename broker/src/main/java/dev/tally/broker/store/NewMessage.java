package dev.tally.broker.store;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A message to append.
 *
 * @param topic the topic it becomes visible in
 * @param queueId the queue of that topic
 * @param tagsHash the hash of its tag that a filter may ask for, 0 without a tag
 * @param payload opaque bytes, stored unchanged between position and limit; not to be changed after the call
 * @param delay how long it stays invisible, counted from the append, for a half message from its commit; zero for not
 *     at all
 */
public record NewMessage(String topic, int queueId, long tagsHash, ByteBuffer payload, Duration delay) {}
