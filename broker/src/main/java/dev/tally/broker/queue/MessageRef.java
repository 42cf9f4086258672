package dev.tally.broker.queue;

/**
 * A message in the log and the queue that it is for.
 *
 * @param queue the queue
 * @param position the position of the record that holds its payload
 * @param payloadBytes the size of its payload
 * @param tagsHash the hash of its tag
 * @since 0.1
 */
public record MessageRef(QueueIndex queue, long position, int payloadBytes, long tagsHash) {}
