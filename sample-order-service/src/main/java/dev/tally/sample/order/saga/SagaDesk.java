package dev.tally.sample.order.saga;

import dev.tally.saga.SagaStart;
import dev.tally.saga.SagaState;
import dev.tally.saga.Sagas;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.place.NewOrder;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Places and cancels orders by sagas. Each method is one database transaction: if and only if it commits, the saga exists
 * and its first command leaves.
 *
 * @since 0.1
 */
@Service
public class SagaDesk {

    private final OrderBook book;
    private final Sagas sagas;

    SagaDesk(OrderBook book, Sagas sagas) {
        this.book = book;
        this.sagas = sagas;
    }

    /**
     * Places an order; the saga's first step stores it.
     *
     * @return whether it is new; otherwise the same order was placed before
     * @throws dev.tally.sample.order.place.OrderConflictException if another order has its id
     */
    @Transactional
    public boolean place(NewOrder order) {
        if (order.wasPlaced(book)) {
            return false;
        }
        return sagas.start(OrderSagas.PLACE, order.orderId(), new PlaceOrder(order, null))
                .isNew();
    }

    /** Cancels an order, whichever way it was placed. */
    @Transactional
    public Cancellation cancel(String orderId) {
        OrderStatus status = book.statusOf(orderId).orElse(null);
        if (status == null) {
            return Cancellation.NO_ORDER;
        }
        return switch (status) {
            case PLACED -> Cancellation.TOO_EARLY;
            case REJECTED -> Cancellation.NOTHING_TO_CANCEL;
            case CANCELLED -> Cancellation.KNOWN;
            case PENDING -> turnBack(orderId) ? Cancellation.BEGUN : takeBack(orderId);
            case CONFIRMED, CANCELLING -> takeBack(orderId);
        };
    }

    /** Asks the saga that places the order to go its way back. */
    private boolean turnBack(String orderId) {
        return sagas.cancel(OrderSagas.PLACE, orderId, "cancelled by the customer") == null;
    }

    /** Takes a confirmed order back; one that is about to be confirmed is locked until it is, and its turn comes then. */
    private Cancellation takeBack(String orderId) {
        SagaStart started = sagas.start(OrderSagas.CANCEL, orderId, new CancelOrder(orderId, false));
        if (started.state() == SagaState.COMPENSATED) {
            return Cancellation.REFUSED;
        }
        return started.isNew() ? Cancellation.BEGUN : Cancellation.KNOWN;
    }

    /** Where the saga that places an order is; {@code null} if it was placed without one. */
    public @Nullable SagaState placing(String orderId) {
        return stateOf(OrderSagas.PLACE, orderId);
    }

    /** Where the saga that cancels an order is; {@code null} if there is none. */
    public @Nullable SagaState cancelling(String orderId) {
        return stateOf(OrderSagas.CANCEL, orderId);
    }

    private @Nullable SagaState stateOf(String saga, String orderId) {
        SagaStart found = sagas.find(saga, orderId);
        return found == null ? null : found.state();
    }
}
