package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import java.util.List;

/** Stores orders and publishes them. */
interface Orders {

    /** In one transaction; returns when it has committed, throws where it has not. */
    void place(Order order);

    /** All of them in one transaction, likewise. */
    void placeAll(List<Order> orders);
}
