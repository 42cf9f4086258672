package dev.tally.consume.dispatch;

import dev.tally.retry.Backoff;
import dev.tally.transport.Subscription;
import java.time.Duration;

/**
 * The limits within which a group's deliveries are handled.
 *
 * @param minConcurrency handlers that may run at once when there is little to do, at least 1
 * @param maxConcurrency handlers that may run at once at most, at least {@code minConcurrency}; where it is greater, the
 *     number follows the backlog and what more handlers bring
 * @param batch messages that one handler call gets at most, at least 1
 * @param ordered whether messages with one key are handled one after the other, and one that failed keeps those of its
 *     key behind it; otherwise a failed one is given back to the transport
 * @param retriesHere whether one that failed is tried again here also in a group without order, for transports that cannot
 *     take a single message back
 * @param maxAttempts deliveries, and attempts here, before a message is dead-lettered, at least 1
 * @param retryDelay how long a message that failed waits here, while other keys go on
 * @param window messages of one queue that may be here, at least 1
 * @param messagesPerSecond messages that begin to be handled in a second at most, {@link Double#POSITIVE_INFINITY} for no
 *     limit; positive
 * @param closeLimit how long closing waits for running handlers
 * @since 0.1
 */
public record DispatchSettings(
        int minConcurrency,
        int maxConcurrency,
        int batch,
        boolean ordered,
        boolean retriesHere,
        int maxAttempts,
        Backoff retryDelay,
        int window,
        double messagesPerSecond,
        Duration closeLimit) {

    private static final Duration LONGEST_REST = Duration.ofSeconds(30);

    /** Checks the limits. */
    public DispatchSettings {
        require(minConcurrency >= 1, "minConcurrency is " + minConcurrency + ", at least 1 is possible");
        require(
                maxConcurrency >= minConcurrency,
                "maxConcurrency is " + maxConcurrency + ", less than minConcurrency " + minConcurrency);
        require(batch >= 1, "batch is " + batch + ", at least 1 is possible");
        require(maxAttempts >= 1, "maxAttempts is " + maxAttempts + ", at least 1 is possible");
        require(window >= 1, "window is " + window + ", at least 1 is possible");
        require(messagesPerSecond > 0, "messagesPerSecond is " + messagesPerSecond + ", not positive");
        require(!closeLimit.isNegative(), "closeLimit is " + closeLimit + ", negative");
    }

    /**
     * What a subscription says.
     *
     * @param retryDelay see {@link DispatchSettings}
     * @param window see {@link DispatchSettings}
     * @param closeLimit see {@link DispatchSettings}
     */
    public static DispatchSettings of(Subscription subscription, Backoff retryDelay, int window, Duration closeLimit) {
        return new DispatchSettings(
                subscription.minConcurrency(),
                subscription.concurrency(),
                subscription.batch(),
                // Nobody else can try a broadcast message again.
                subscription.ordered() || subscription.broadcast(),
                false,
                subscription.maxAttempts(),
                retryDelay,
                window,
                subscription.messagesPerSecond(),
                closeLimit);
    }

    /**
     * What a subscription says, with rests that begin with {@code firstRest} and are doubled up to 30 s, or all as long as
     * the first where that is longer.
     *
     * @param firstRest how long a message that failed for the first time waits here
     * @param window see {@link DispatchSettings}
     * @param closeLimit see {@link DispatchSettings}
     */
    public static DispatchSettings of(Subscription subscription, Duration firstRest, int window, Duration closeLimit) {
        Duration longest = firstRest.compareTo(LONGEST_REST) > 0 ? firstRest : LONGEST_REST;
        return of(subscription, new Backoff(firstRest, longest, 2, 0), window, closeLimit);
    }

    /** The same, and what failed is always tried again here. */
    public DispatchSettings retryingHere() {
        return new DispatchSettings(
                minConcurrency,
                maxConcurrency,
                batch,
                ordered,
                true,
                maxAttempts,
                retryDelay,
                window,
                messagesPerSecond,
                closeLimit);
    }

    /** Whether what failed rests here until it is tried again, rather than going back to the transport. */
    boolean keepsFailed() {
        return ordered || retriesHere;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException("Cannot dispatch deliveries: " + otherwise);
        }
    }
}
