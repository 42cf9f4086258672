package dev.tally.broker.store;

/**
 * One delivery of a message by a pop.
 *
 * @param group the consumer group
 * @param topic the topic, a retry topic where it came from there
 * @param queueId the queue
 * @param offset the message's offset
 * @param popMillis what {@link Popped#popMillis} or {@link PopExtension#popMillis} said
 * @since 0.1
 */
public record PopReceipt(String group, String topic, int queueId, long offset, long popMillis) {}
