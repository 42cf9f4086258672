package dev.tally.broker.protocol;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * A message with everything that its encoding carries at the time it is stored.
 *
 * @param topic its topic
 * @param queueId its queue
 * @param flag the user's flag
 * @param sysFlag the system flag; the bits of the two hosts are set by the encoding
 * @param bornAtMillis when the producer made it, by the producer's clock
 * @param bornHost the producer's address, resolved
 * @param storedAtMillis when the broker took it, by the broker's clock
 * @param storeHost the broker's address, resolved
 * @param reconsumeTimes how often it was redelivered
 * @param body its body
 * @param properties its properties
 * @since 0.1
 */
public record WireMessage(
        String topic,
        int queueId,
        int flag,
        int sysFlag,
        long bornAtMillis,
        InetSocketAddress bornHost,
        long storedAtMillis,
        InetSocketAddress storeHost,
        int reconsumeTimes,
        ByteBuffer body,
        MessageProperties properties) {}
