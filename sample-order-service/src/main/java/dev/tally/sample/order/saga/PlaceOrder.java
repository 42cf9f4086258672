package dev.tally.sample.order.saga;

import dev.tally.sample.order.payments.PaymentCommand;
import dev.tally.sample.order.place.NewOrder;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * What the saga that places an order knows.
 *
 * @param order what the client asked for
 * @param reason why it is not to be; {@code null} if nobody has said so
 */
record PlaceOrder(NewOrder order, @Nullable String reason) {

    String orderId() {
        return order.orderId();
    }

    PlaceOrder because(String newReason) {
        return new PlaceOrder(order, newReason);
    }

    StockCommand.Reserve reserve() {
        return new StockCommand.Reserve(
                orderId(),
                order.lines().stream()
                        .map(line -> new StockCommand.Line(line.sku(), line.quantity()))
                        .toList());
    }

    StockCommand.Release release() {
        return new StockCommand.Release(orderId());
    }

    PaymentCommand.Charge charge() {
        BigDecimal price = order.lines().stream()
                .map(line -> line.unitPrice().multiply(BigDecimal.valueOf(line.quantity())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
        return new PaymentCommand.Charge(orderId(), price);
    }
}
