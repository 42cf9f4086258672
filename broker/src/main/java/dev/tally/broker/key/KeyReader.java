package dev.tally.broker.key;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/**
 * Finds the keys of a message.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface KeyReader {

    /**
     * Tells the hash of each key. Called on the log's writer thread for every message, so it must be quick, and must take
     * whatever bytes there are.
     *
     * @param topic the message's topic; part of what is hashed
     * @param payload what is stored of it; must not be changed
     */
    void keysOf(String topic, ByteBuffer payload, LongConsumer hashes);
}
