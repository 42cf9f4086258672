package dev.tally.sample.order.place;

import dev.tally.message.MessageType;
import dev.tally.sample.order.book.Order;
import java.util.List;

/**
 * An order was placed: what the stock service needs of it, and no more.
 *
 * @since 0.1
 */
@MessageType("order-placed")
public record OrderPlaced(String orderId, List<Line> lines) {

    /** So many of a product. */
    public record Line(String sku, int quantity) {}

    static OrderPlaced of(Order order) {
        return new OrderPlaced(
                order.orderId(),
                order.lines().stream()
                        .map(line -> new Line(line.sku(), line.quantity()))
                        .toList());
    }
}
