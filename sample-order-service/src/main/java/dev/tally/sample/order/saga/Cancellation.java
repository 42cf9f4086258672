package dev.tally.sample.order.saga;

/**
 * What came of asking for an order to be cancelled.
 *
 * @since 0.1
 */
public enum Cancellation {
    /** It is on its way. */
    BEGUN,
    /** It was asked for before. */
    KNOWN,
    /** There is no such order. */
    NO_ORDER,
    /** The stock service has not answered the order yet: the question comes too early. */
    TOO_EARLY,
    /** The order was rejected. */
    NOTHING_TO_CANCEL,
    /** It was asked for before, and the refund was refused: the order stands. */
    REFUSED
}
