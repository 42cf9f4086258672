package dev.tally.benchmarks.consumer;

/** What consumes. Until it is started, messages stay where they are. */
@FunctionalInterface
interface Consumption {

    /** Starts it; at most once. It ends with the application context. */
    void start() throws Exception;
}
