package dev.tally.sample.order.settle;

import dev.tally.message.MessageType;

/**
 * The stock service has reserved every line of an order.
 *
 * @since 0.1
 */
@MessageType("stock-reserved")
public record StockReserved(String orderId) {}
