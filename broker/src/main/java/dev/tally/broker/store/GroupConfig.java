package dev.tally.broker.store;

/**
 * A consumer group.
 *
 * @param name the group's name
 * @param consumeEnabled whether its consumers may pull
 * @param retryQueues queues of its retry topic, at least 1
 * @param maxReconsume redeliveries before a message goes to the dead-letter topic, 16 by default
 */
public record GroupConfig(String name, boolean consumeEnabled, int retryQueues, int maxReconsume) {}
