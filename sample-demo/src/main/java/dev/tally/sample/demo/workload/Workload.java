package dev.tally.sample.demo.workload;

import java.util.List;

/**
 * What to place.
 *
 * @param source where it comes from, for the reader
 * @param orders the orders, each id once
 * @param cancellations invoices left out because they cancel another
 * @since 0.1
 */
public record Workload(String source, List<NewOrder> orders, int cancellations) {

    /** Copies the orders. */
    public Workload {
        orders = List.copyOf(orders);
    }
}
