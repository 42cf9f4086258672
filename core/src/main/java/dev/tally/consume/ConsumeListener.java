package dev.tally.consume;

import java.time.Duration;

/**
 * Observes consuming, guards and idempotent requests, for metrics. Called on the consuming thread; an exception is logged and goes no further. Calls get
 * lost when the process dies.
 *
 * @since 0.1
 */
public interface ConsumeListener {

    /** A message was handled, and its transaction committed, in {@code took}. */
    default void handled(String topic, String group, Duration took) {}

    /** A message came that had been handled before; nothing changed. */
    default void duplicate(String topic, String group) {}

    /** Handling a message failed after {@code took}; its transaction rolled back, and it will be tried again. */
    default void failed(String topic, String group, Duration took, String reason) {}

    /** The transaction of a batch of {@code messages} rolled back; each is handled by itself now. */
    default void takenApart(String topic, String group, int messages, String reason) {}

    /** A message whose handler failed counts as handled without effect, by the rules. */
    default void skipped(String topic, String group, String reason) {}

    /** A message whose handler failed stopped its consumer, by the rules. */
    default void stopped(String topic, String group, String reason) {}

    /** A message could not be tried because something it needs is away, a database for instance; it will be. */
    default void postponed(String topic, String group, String reason) {}

    /** A dead letter was replayed, and took effect or had done so before. */
    default void replayed(String topic, String group) {}

    /** A message can never be handled, or its attempts are used up. */
    default void deadLettered(String topic, String group, String reason) {}
}
