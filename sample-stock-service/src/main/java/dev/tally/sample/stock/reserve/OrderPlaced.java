package dev.tally.sample.stock.reserve;

import dev.tally.message.MessageType;
import java.util.List;

/**
 * The order service has stored an order. The two services share the name of the message and its JSON, not a class.
 *
 * @since 0.1
 */
@MessageType("order-placed")
public record OrderPlaced(String orderId, List<Line> lines) {

    /** So many of a product. */
    public record Line(String sku, int quantity) {}
}
