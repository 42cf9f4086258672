package dev.tally.sample.order.book;

/**
 * Where an order stands. {@code PLACED} is left once, for one of the other two.
 *
 * @since 0.1
 */
public enum OrderStatus {
    /** Stored; the stock service has not answered yet. */
    PLACED,
    /** The stock service has reserved every line. */
    CONFIRMED,
    /** The stock service could not reserve every line and has reserved none. */
    REJECTED
}
