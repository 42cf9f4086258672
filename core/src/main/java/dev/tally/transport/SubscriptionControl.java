package dev.tally.transport;

/**
 * What can be seen of a subscription while it runs, and changed. Changes last as long as the subscription and are this
 * member's alone. Thread-safe.
 *
 * @since 0.1
 */
public interface SubscriptionControl {

    /** Begins no further handler until {@link #resume}; running ones go on, and messages wait at the broker. */
    void pause();

    /** Goes on after {@link #pause}. */
    void resume();

    /**
     * Changes how many handlers may run at once; with {@code min} less than {@code max} the number follows the backlog.
     *
     * @throws IllegalArgumentException if {@code min} is less than 1 or more than {@code max}
     */
    void concurrency(int min, int max);

    /**
     * Changes how many messages begin to be handled in a second at most.
     *
     * @param messagesPerSecond {@link Double#POSITIVE_INFINITY} for no limit
     * @throws IllegalArgumentException if it is not positive
     */
    void rate(double messagesPerSecond);

    /**
     * What is going on now.
     *
     * @param slowest how many keys to name
     */
    SubscriptionState state(int slowest);
}
