package dev.tally.sample.stock.saga;

import dev.tally.message.MessageType;
import dev.tally.sample.stock.reserve.Reserving;
import java.util.List;

/**
 * What sagas tell the stock service to do. The services share the names of the commands and their JSON, not a class.
 *
 * @since 0.1
 */
public interface StockCommand {

    /** Reserve all lines of an order, or refuse. */
    @MessageType("reserve-stock")
    record Reserve(String orderId, List<Reserving.Line> lines) implements StockCommand {}

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
