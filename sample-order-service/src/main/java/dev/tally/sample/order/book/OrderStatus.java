package dev.tally.sample.order.book;

/**
 * Where an order stands.
 *
 * @since 0.1
 */
public enum OrderStatus {
    /** Stored, and announced by a message; the stock service has not answered yet. */
    PLACED,
    /** Stored by a saga, which is still reserving and charging. */
    PENDING,
    /** Its stock is reserved, and it is paid for if a saga placed it. */
    CONFIRMED,
    /** The stock service could not reserve every line and has reserved none. */
    REJECTED,
    /** It was confirmed, and a saga is taking that back. */
    CANCELLING,
    /** Nothing is reserved for it, and nothing of its price is kept. */
    CANCELLED;

    /** Whether an order may go from here to {@code next}. */
    boolean mayBecome(OrderStatus next) {
        return switch (this) {
            case PLACED -> next == CONFIRMED || next == REJECTED;
            case PENDING -> next == CONFIRMED || next == CANCELLED;
            case CONFIRMED -> next == CANCELLING;
            case CANCELLING -> next == CANCELLED || next == CONFIRMED;
            case REJECTED, CANCELLED -> false;
        };
    }
}
