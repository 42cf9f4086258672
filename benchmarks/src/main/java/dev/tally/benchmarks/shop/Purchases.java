package dev.tally.benchmarks.shop;

/** Begins purchases. Thread-safe. */
@FunctionalInterface
interface Purchases {

    /** Begins one, in a transaction of its own; returns when that has committed. */
    void begin(Purchase purchase);
}
