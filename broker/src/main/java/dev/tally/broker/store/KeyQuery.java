package dev.tally.broker.store;

/**
 * A question for messages by a key.
 *
 * @param topic their topic
 * @param keyHash the hash of topic and key, as the store's key reader makes it
 * @param fromMillis when they were stored at the earliest, epoch milliseconds
 * @param toMillis and at the latest
 * @param max how many are wanted at most; the newest ones
 */
public record KeyQuery(String topic, long keyHash, long fromMillis, long toMillis, int max) {}
