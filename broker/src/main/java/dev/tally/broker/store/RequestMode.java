package dev.tally.broker.store;

/**
 * How a consumer group's clients get a topic's messages where the broker assigns the queues.
 *
 * @param group the group
 * @param topic the topic
 * @param pop whether they pop; else they pull
 * @param sharedQueues with how many other clients each one shares its queues when it pops; 0 and less for all
 * @since 0.1
 */
public record RequestMode(String group, String topic, boolean pop, int sharedQueues) {}
