package dev.tally.sample.stock.reserve;

import dev.tally.message.MessageType;

/**
 * Nothing is reserved for the order.
 *
 * @param reason what is short
 */
@MessageType("stock-rejected")
record StockRejected(String orderId, String reason) {}
