package dev.tally.broker.store;

/**
 * A consumer group's progress in one queue.
 *
 * @param group the group
 * @param topic the topic
 * @param queueId the queue
 * @param offset the offset it goes on from
 */
public record CommittedOffset(String group, String topic, int queueId, long offset) {}
