package dev.tally.sample.order.web;

import dev.tally.sample.order.book.Order;
import dev.tally.sample.order.book.OrderLine;
import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.book.PlacedVia;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An order as clients see it. */
record OrderView(
        String orderId,
        @Nullable String customerId,
        @Nullable String country,
        OrderStatus status,
        @Nullable String reason,
        PlacedVia placedVia,
        List<OrderLine> lines) {

    static OrderView of(Order order) {
        return new OrderView(
                order.orderId(),
                order.customerId(),
                order.country(),
                order.status(),
                order.reason(),
                order.placedVia(),
                order.lines());
    }
}
