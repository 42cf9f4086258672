package dev.tally.sample.demo.place;

/**
 * Which of the order service's two ways an order takes.
 *
 * @since 0.1
 */
public enum Via {
    /** The message leaves through the outbox. */
    OUTBOX("orders"),
    /** The message is at the broker, invisible, before the order commits. */
    HALF_MESSAGE("orders/express");

    private final String path;

    Via(String path) {
        this.path = path;
    }

    String path() {
        return path;
    }
}
