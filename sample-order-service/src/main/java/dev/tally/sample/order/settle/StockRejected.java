package dev.tally.sample.order.settle;

import dev.tally.message.MessageType;

/**
 * The stock service has reserved nothing for an order.
 *
 * @param reason what is short
 * @since 0.1
 */
@MessageType("stock-rejected")
public record StockRejected(String orderId, String reason) {}
