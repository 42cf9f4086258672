package dev.tally.sample.order.book;

/**
 * Which way an order was placed.
 *
 * @since 0.1
 */
public enum PlacedVia {
    /** Its message left through the outbox. */
    OUTBOX,
    /** Its message was at the broker, invisible, before the order committed. */
    HALF_MESSAGE,
    /** A saga reserves its stock and charges for it. */
    SAGA
}
