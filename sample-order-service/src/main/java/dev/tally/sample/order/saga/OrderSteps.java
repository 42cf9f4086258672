package dev.tally.sample.order.saga;

import dev.tally.saga.RefusedException;
import dev.tally.sample.order.book.Order;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.book.PlacedVia;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** What the sagas do with the order itself, in the transaction in which their state moves on. */
@Component
class OrderSteps {

    private final OrderBook book;

    OrderSteps(OrderBook book) {
        this.book = book;
    }

    PlaceOrder create(PlaceOrder saga) {
        // Flushed here, so that the id of an order placed at the same moment collides at once.
        book.saveAndFlush(saga.order().toOrder(PlacedVia.SAGA));
        return saga;
    }

    PlaceOrder cancelCreated(PlaceOrder saga) {
        order(saga.orderId()).cancel(Objects.requireNonNullElse(saga.reason(), "cancelled while it was being placed"));
        return saga;
    }

    PlaceOrder confirm(PlaceOrder saga) {
        order(saga.orderId()).confirm();
        return saga;
    }

    CancelOrder beginCancelling(CancelOrder saga) {
        Order order = order(saga.orderId());
        if (order.status() == OrderStatus.CANCELLED) {
            // It was on its way back while this saga waited for the lock.
            return saga;
        }
        if (order.status() != OrderStatus.CONFIRMED) {
            throw new RefusedException("order " + saga.orderId() + " is " + order.status() + ", not CONFIRMED");
        }
        order.beginCancelling();
        return saga.isDue();
    }

    CancelOrder keep(CancelOrder saga) {
        if (saga.due()) {
            order(saga.orderId()).keep();
        }
        return saga;
    }

    CancelOrder cancelConfirmed(CancelOrder saga) {
        order(saga.orderId()).cancel("cancelled by the customer");
        return saga;
    }

    private Order order(String orderId) {
        return book.findById(orderId)
                .orElseThrow(() ->
                        new IllegalStateException("Cannot go on with order " + orderId + ": there is no such order"));
    }
}
