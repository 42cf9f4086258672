package dev.tally.broker.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes that wait for all clients together. Only frames of some size are counted: many small ones are bounded by the
 * requests that they answer. Thread-safe.
 */
final class PendingBytes {

    private static final int WORTH_COUNTING = 4 * 1024;

    private final AtomicLong bytes = new AtomicLong();

    long bytes() {
        return bytes.get();
    }

    /** Counts a frame until it is written, or will never be. */
    ChannelPromise counted(Channel channel, int frameBytes, ChannelPromise promise) {
        if (frameBytes < WORTH_COUNTING) {
            return promise;
        }
        ChannelPromise counted = promise.isVoid() ? channel.newPromise() : promise;
        bytes.addAndGet(frameBytes);
        return counted.addListener(future -> {
            bytes.addAndGet(-frameBytes);
            if (!future.isSuccess()) {
                var unused = channel.close();
            }
        });
    }
}
