package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;

/** A service whose method is annotated: what it returns is published. */
interface AnnotatedOrders {

    /** In the current transaction, or in one of its own. */
    Order place(Order order);
}
