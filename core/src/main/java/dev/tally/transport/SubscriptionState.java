package dev.tally.transport;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is going on in a subscription, in this member of its group.
 *
 * @param waiting deliveries that were fetched and wait for a handler
 * @param running deliveries that are being handled
 * @param resting keys whose first message failed and waits for its next attempt
 * @param concurrency handlers that may run at once now
 * @param minConcurrency the least of that
 * @param maxConcurrency the most of that
 * @param messagesPerSecond messages that may begin in a second, {@link Double#POSITIVE_INFINITY} for no limit
 * @param paused whether it is paused
 * @param stopReason what has paused it, if no person did
 * @param slowest keys by how long their first delivery has been waiting, longest first
 * @since 0.1
 */
public record SubscriptionState(
        int waiting,
        int running,
        int resting,
        int concurrency,
        int minConcurrency,
        int maxConcurrency,
        double messagesPerSecond,
        boolean paused,
        @Nullable String stopReason,
        List<SlowKey> slowest) {

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
