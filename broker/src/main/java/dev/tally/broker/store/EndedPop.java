package dev.tally.broker.store;

/**
 * A delivery whose time is over without an acknowledgement.
 *
 * @param receipt the delivery
 * @param ordered whether the group consumes in order: then the message comes with a later pop of the queue
 * @since 0.1
 */
public record EndedPop(PopReceipt receipt, boolean ordered) {}
