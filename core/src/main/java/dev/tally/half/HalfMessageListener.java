package dev.tally.half;

import java.time.Duration;

/**
 * Observes half messages, for metrics. Called on any thread; an exception is logged and goes no further. Calls get lost
 * when the process dies.
 *
 * @since 0.1
 */
public interface HalfMessageListener {

    /** The broker has confirmed the {@code count} half messages of a transaction. */
    default void prepared(int count) {}

    /** A transaction with {@code count} half messages committed; the broker is being told. */
    default void committed(int count) {}

    /** A transaction with {@code count} half messages rolled back; the broker is being told. */
    default void rolledBack(int count) {}

    /**
     * The broker has answered the decision about {@code count} half messages, or has not; or nobody knows how their
     * transaction ended.
     *
     * @param confirmed whether it will not ask about them any more; otherwise the check-back decides
     * @param open from when they were stored until now
     */
    default void decided(int count, boolean confirmed, Duration open) {}

    /** A check-back was answered. */
    default void checkedBack(CheckBackAnswer answer) {}

    /** The {@code count} messages of a transaction went another way, because the broker did not take them. */
    default void fellBack(int count, String reason) {}
}
