package dev.tally.benchmarks.publisher;

/** How the service publishes an order. */
public enum Kind {
    /** An annotated method, each order under its customer's key. */
    TALLY,
    /** The same without a key, so that nothing is kept in order. */
    TALLY_UNKEYED,
    /** As {@link #TALLY}, through our broker; a consumer in the same process receives. */
    TALLY_BROKER,
    /** Only the row, unpublished. */
    ROW,
    /** Plain JDBC, and a thread that reads batches back. */
    LIMIT,
    /** Plain JDBC, and a thread that is handed what was committed. */
    LIMIT_PUSH,
    /** Spring Modulith's event publication registry. */
    MODULITH,
    /** namastack-outbox. */
    NAMASTACK,
    /** transaction-outbox. */
    TRANSACTION_OUTBOX,
    /** A one-time task of db-scheduler for each order. */
    DB_SCHEDULER;

    /** Whether it needs a broker. */
    public boolean needsBroker() {
        return this == TALLY_BROKER;
    }
}
