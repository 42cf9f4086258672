package dev.tally.benchmarks.publisher;

/** What delivers published orders to the {@link Deliveries}. Until it is started, orders stay where they are stored. */
@FunctionalInterface
interface Relay {

    /** Starts it; at most once. It ends with the application context. */
    void start();
}
