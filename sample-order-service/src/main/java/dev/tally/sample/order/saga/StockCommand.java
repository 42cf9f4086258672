package dev.tally.sample.order.saga;

import dev.tally.message.MessageType;
import java.util.List;

/** What the stock service is told to do. The services share the names of the commands and their JSON, not a class. */
interface StockCommand {

    /** Reserve all lines of an order, or refuse. */
    @MessageType("reserve-stock")
    record Reserve(String orderId, List<Line> lines) implements StockCommand {}

    /** So many of a product. */
    record Line(String sku, int quantity) {}

    /** Undo the reservation of an order that is not to be. */
    @MessageType("release-stock")
    record Release(String orderId) implements StockCommand {}

    /** Give back what is reserved for an order that was confirmed. */
    @MessageType("give-stock-back")
    record GiveBack(String orderId) implements StockCommand {}

    /**
     * Why stock was not reserved.
     *
     * @param reason what is short
     */
    @MessageType("stock-short")
    record Shortage(String reason) {}
}
