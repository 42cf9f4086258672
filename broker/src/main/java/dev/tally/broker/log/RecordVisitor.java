package dev.tally.broker.log;

/**
 * Told of every record that recovery accepts, in log order; of an atomic group only when all of it is there.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface RecordVisitor {

    /**
     * Takes one record. Its body is readable only during the call.
     *
     * @throws IllegalStateException where the record contradicts those before it; the log is then refused
     */
    void recovered(LogRecord record);

    /**
     * The log begins at a position, not before: records that stood before it are gone, or about to be, and what follows
     * may still refer to them. Told before the first record where the log's first segments are gone, and wherever the log
     * says so again.
     */
    default void startsAt(long position) {
        // Who never removes anything need not know.
    }
}
