package dev.tally.benchmarks.application;

/** Topics of the service; they are there before it. */
public final class Topics {

    /** Where orders are published. */
    public static final String ORDERS = "bench-orders";

    private Topics() {}
}
