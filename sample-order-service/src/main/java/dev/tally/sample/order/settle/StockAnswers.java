package dev.tally.sample.order.settle;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.sample.order.book.Order;
import dev.tally.sample.order.book.OrderBook;
import org.springframework.stereotype.Component;

/**
 * Takes the stock service's answers. A handler runs in a transaction that also notes the message as handled, so an
 * answer that is delivered twice settles its order once.
 *
 * @since 0.1
 */
@Component
public class StockAnswers {

    private final OrderBook book;

    StockAnswers(OrderBook book) {
        this.book = book;
    }

    /** Confirms the order. */
    @IdempotentConsumer(topic = "stock-reserved", group = "order-service")
    public void on(StockReserved answer) {
        order(answer.orderId()).confirm();
    }

    /** Rejects the order. */
    @IdempotentConsumer(topic = "stock-rejected", group = "order-service")
    public void on(StockRejected answer) {
        order(answer.orderId()).reject(answer.reason());
    }

    private Order order(String orderId) {
        return book.findById(orderId)
                .orElseThrow(() -> new IllegalStateException(
                        "Cannot settle order " + orderId + ": there is no such order; the message is retried"));
    }
}
