package dev.tally.sample.demo.workload;

/**
 * An order that is to be cancelled.
 *
 * @param orderId the order
 * @param after how many orders are placed before its cancellation is asked for
 * @since 0.1
 */
public record Cancellation(String orderId, int after) {}
