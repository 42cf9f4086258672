package dev.tally.broker.pop;

/**
 * A queue that a consumer group pops.
 *
 * @param group the group
 * @param topic the topic
 * @param queueId the queue
 * @since 0.1
 */
public record PopKey(String group, String topic, int queueId) {}
