package dev.tally.sample.stock.reserve;

import dev.tally.message.MessageType;

/** Every line of the order is reserved. */
@MessageType("stock-reserved")
record StockReserved(String orderId) {}
