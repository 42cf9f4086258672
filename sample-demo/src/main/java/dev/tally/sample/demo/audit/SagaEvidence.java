package dev.tally.sample.demo.audit;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the verdict on sagas is found from.
 *
 * @param sagas where the sagas of each stored order are
 * @param payments what the order service has charged and paid back
 * @param cancelled the orders whose cancellation was accepted
 * @since 0.1
 */
public record SagaEvidence(List<OrderSagas> sagas, List<StoredPayment> payments, Set<String> cancelled) {

    /** How a saga ended. */
    static final String COMPLETED = "COMPLETED";

    static final String COMPENSATED = "COMPENSATED";
    static final String PARKED = "PARKED";

    /**
     * The sagas of an order as the order service shows them.
     *
     * @param placing where the one is that places it; {@code null} if it was placed without one
     * @param cancelling where the one is that cancels it; {@code null} if there is none
     */
    public record OrderSagas(
            String orderId,
            @Nullable String placing,
            @Nullable String cancelling) {

        boolean isParked() {
            return PARKED.equals(placing) || PARKED.equals(cancelling);
        }
    }

    /** A payment as the order service shows it. */
    public record StoredPayment(String orderId, String kind, BigDecimal amount) {}

    /** Whether a saga of the order waits for a person, so that nothing can be said of the order. */
    boolean isParked(String orderId) {
        return sagas.stream()
                .anyMatch(order -> order.isParked() && order.orderId().equals(orderId));
    }

    /** How many of the sagas that place orders are in this state. */
    public long placing(String state) {
        return sagas.stream().filter(order -> state.equals(order.placing())).count();
    }

    /** How many of the sagas that cancel orders are in this state. */
    public long cancelling(String state) {
        return sagas.stream().filter(order -> state.equals(order.cancelling())).count();
    }
}
