package dev.tally.sample.order.place;

/**
 * The order's id is taken by an order with other content. Nothing was changed.
 *
 * @since 0.1
 */
public class OrderConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    OrderConflictException(String orderId) {
        super("Cannot place order " + orderId
                + ": an order with this id and other content exists; nothing was changed");
    }
}
