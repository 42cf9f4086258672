package dev.tally.sample.order.place;

import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.PlacedVia;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Places orders. Each method is one database transaction, and what it returns is published to {@code orders} if and only
 * if that transaction commits.
 *
 * @since 0.1
 */
@Service
public class OrderDesk {

    private final OrderBook book;

    OrderDesk(OrderBook book) {
        this.book = book;
    }

    /**
     * Places an order; its message leaves through the outbox.
     *
     * @return the message, or {@code null}, and so no message, if the same order was placed before
     * @throws OrderConflictException if another order has its id
     */
    @TransactionalPublisher(topic = "orders", key = "#result.orderId", via = Via.OUTBOX)
    public @Nullable OrderPlaced place(NewOrder order) {
        return store(order, PlacedVia.OUTBOX);
    }

    /**
     * Places an order; its message is at the broker, invisible, before the transaction commits.
     *
     * @return the message, or {@code null}, and so no message, if the same order was placed before
     * @throws OrderConflictException if another order has its id
     */
    @TransactionalPublisher(topic = "orders", key = "#result.orderId", via = Via.HALF_MESSAGE)
    public @Nullable OrderPlaced placeExpress(NewOrder order) {
        return store(order, PlacedVia.HALF_MESSAGE);
    }

    private @Nullable OrderPlaced store(NewOrder order, PlacedVia via) {
        if (order.wasPlaced(book)) {
            return null;
        }
        // Flushed here, so that the id of an order placed at the same moment collides before a message is prepared.
        return OrderPlaced.of(book.saveAndFlush(order.toOrder(via)));
    }
}
