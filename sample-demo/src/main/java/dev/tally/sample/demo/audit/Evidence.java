package dev.tally.sample.demo.audit;

import dev.tally.sample.demo.workload.NewOrder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything the verdict is found from.
 *
 * @param accepted the orders that the order service has answered for, as accepted, by id
 * @param unexplained what went wrong while placing, one line for each order
 * @param orders what the order service has stored
 * @param reservations what the stock service has reserved
 * @param stock the stock
 * @param undecidedHalves half messages at the broker that are neither committed nor rolled back
 * @param initialStock how many pieces of each product there were
 * @param sagas what concerns sagas
 * @since 0.1
 */
public record Evidence(
        Map<String, NewOrder> accepted,
        List<String> unexplained,
        List<StoredOrder> orders,
        List<StoredReservation> reservations,
        List<StoredStock> stock,
        long undecidedHalves,
        long initialStock,
        SagaEvidence sagas) {

    /** An order as the order service shows it. */
    public record StoredOrder(
            String orderId, String status, @Nullable String reason, String placedVia, List<StoredLine> lines) {}

    /** A line of a stored order. */
    public record StoredLine(String sku, int quantity) {}

    /** A reservation as the stock service shows it. */
    public record StoredReservation(String orderId, int line, String sku, int quantity) {}

    /** A product as the stock service shows it. */
    public record StoredStock(String sku, long onHand, long reserved, long available) {}
}
