package dev.tally.sample.order.web;

import dev.tally.sample.order.book.Order;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.payments.PaymentBook;
import dev.tally.sample.order.saga.SagaDesk;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Reads orders with their lines, their sagas and their payments. */
@Service
@Transactional(readOnly = true)
class OrderQueries {

    private final OrderBook book;
    private final PaymentBook payments;
    private final SagaDesk desk;

    OrderQueries(OrderBook book, PaymentBook payments, SagaDesk desk) {
        this.book = book;
        this.payments = payments;
        this.desk = desk;
    }

    Optional<OrderView> find(String orderId) {
        return book.findById(orderId).map(OrderView::of);
    }

    Page<OrderView> page(String after, @Nullable OrderStatus status, int limit) {
        return Page.of(book.findAfter(after, status, Limit.of(limit)), limit, OrderView::of, Order::orderId);
    }

    Page<SagaView> sagas(String after, int limit) {
        return Page.of(book.findAfter(after, null, Limit.of(limit)), limit, this::sagasOf, Order::orderId);
    }

    private SagaView sagasOf(Order order) {
        return new SagaView(order.orderId(), desk.placing(order.orderId()), desk.cancelling(order.orderId()));
    }

    Page<PaymentView> payments(long after, int limit) {
        return Page.of(
                payments.findByIdGreaterThanOrderById(after, Limit.of(limit)),
                limit,
                PaymentView::of,
                payment -> String.valueOf(payment.id()));
    }
}
