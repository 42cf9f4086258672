package dev.tally.sample.stock.reserve;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.publish.MessagePublisher;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Reserves stock for a placed order: all its lines or none. The reservation, the answer and the note that this message
 * is handled are one transaction, so each order is reserved once and answered once, however often its message comes.
 *
 * @since 0.1
 */
@Component
public class ReserveStock {

    private final Reserving reserving;
    private final MessagePublisher publisher;

    ReserveStock(Reserving reserving, MessagePublisher publisher) {
        this.reserving = reserving;
        this.publisher = publisher;
    }

    /** Reserves, or rejects. */
    @IdempotentConsumer(topic = "orders", group = "stock-service")
    public void on(OrderPlaced order) {
        Optional<String> shortOf = reserving.reserve(
                order.orderId(),
                order.lines().stream()
                        .map(line -> new Reserving.Line(line.sku(), line.quantity()))
                        .toList());
        if (shortOf.isPresent()) {
            publisher.publish("stock-rejected", order.orderId(), new StockRejected(order.orderId(), shortOf.get()));
        } else {
            publisher.publish("stock-reserved", order.orderId(), new StockReserved(order.orderId()));
        }
    }
}
