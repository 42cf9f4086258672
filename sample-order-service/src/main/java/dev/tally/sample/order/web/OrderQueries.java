package dev.tally.sample.order.web;

import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.OrderStatus;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Reads orders with their lines. */
@Service
@Transactional(readOnly = true)
class OrderQueries {

    private final OrderBook book;

    OrderQueries(OrderBook book) {
        this.book = book;
    }

    Optional<OrderView> find(String orderId) {
        return book.findById(orderId).map(OrderView::of);
    }

    OrderPage page(String after, @Nullable OrderStatus status, int limit) {
        List<OrderView> items = book.findAfter(after, status, Limit.of(limit)).stream()
                .map(OrderView::of)
                .toList();
        boolean full = items.size() == limit;
        return new OrderPage(items, full ? items.get(limit - 1).orderId() : null);
    }
}
