package dev.tally.broker.store;

/**
 * A topic.
 *
 * @param name the topic's name
 * @param readQueues how many queues consumers see, at least 1
 * @param writeQueues how many queues producers see, at least 1
 * @param perm the protocol's permission bits: 4 read, 2 write
 * @param sysFlag the protocol's topic system flag, stored unchanged
 */
public record TopicConfig(String name, int readQueues, int writeQueues, int perm, int sysFlag) {}
