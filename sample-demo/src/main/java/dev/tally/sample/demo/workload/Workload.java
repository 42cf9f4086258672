package dev.tally.sample.demo.workload;

import java.util.List;

/**
 * What to place.
 *
 * @param source where it comes from, for the reader
 * @param orders the orders, each id once
 * @param cancellations which of them are to be cancelled, and when
 * @param leftOut cancellations for which there is no order
 * @since 0.1
 */
public record Workload(String source, List<NewOrder> orders, List<Cancellation> cancellations, int leftOut) {

    /** Copies the lists. */
    public Workload {
        orders = List.copyOf(orders);
        cancellations = List.copyOf(cancellations);
    }
}
