package dev.tally.benchmarks.application;

/** How the service publishes an order. */
public enum Way {
    /** An annotated method, via half messages. */
    HALF,
    /** The same method, via the outbox. */
    OUTBOX,
    /** rocketmq-spring's transactional send, with a table of transactions written by hand. */
    ROCKETMQ_SPRING,
    /** Not at all: only the row. */
    ROW
}
