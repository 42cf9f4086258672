package dev.tally.benchmarks.application;

/** Stores an order and publishes it, in one transaction. */
interface Orders {

    /** Returns when the transaction has committed, throws where it has not. */
    Order place(long orderId);
}
