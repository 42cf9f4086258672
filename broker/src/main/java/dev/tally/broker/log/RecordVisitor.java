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
}
