package dev.tally.consume.dispatch;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is going on in a dispatcher.
 *
 * @param waiting deliveries that wait for a handler
 * @param running deliveries that are being handled
 * @param resting keys whose first message failed and waits for its next attempt
 * @param concurrency handlers that may run at once now
 * @param paused whether it is paused
 * @param slowest keys by how long their first delivery has been waiting, longest first
 * @since 0.1
 */
public record DispatchState(
        int waiting, int running, int resting, int concurrency, boolean paused, List<SlowKey> slowest) {

    /**
     * A key whose deliveries wait.
     *
     * @param topic the topic
     * @param key the key, {@code null} for a message without one
     * @param waiting how many of its deliveries wait
     * @param waits how long the first of them has been here
     * @param attempts attempts made at the first of them
     */
    public record SlowKey(String topic, @Nullable String key, int waiting, Duration waits, int attempts) {}
}
