package dev.tally.sample.demo.place;

/** What the order service said to a cancellation. */
enum CancelAnswer {
    /** It is on its way, or was before. */
    ACCEPTED,
    /** The order stands, or was rejected: asking again does not change that. */
    STANDS,
    /** There is no such order, so far. */
    NO_ORDER,
    /** Nobody answered, or the order is not settled yet. */
    LATER
}
