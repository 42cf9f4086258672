package dev.tally.sample.demo.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.sample.demo.audit.Evidence.StoredLine;
import dev.tally.sample.demo.audit.Evidence.StoredOrder;
import dev.tally.sample.demo.audit.Evidence.StoredReservation;
import dev.tally.sample.demo.audit.Evidence.StoredStock;
import dev.tally.sample.demo.audit.Finding.Kind;
import dev.tally.sample.demo.workload.NewOrder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Begins each time with two orders, one confirmed and one rejected, and everything as it should be. */
class AuditTest {

    private final Map<String, NewOrder> accepted = new HashMap<>();
    private final List<String> unexplained = new ArrayList<>();
    private final List<StoredOrder> orders = new ArrayList<>();
    private final List<StoredReservation> reservations = new ArrayList<>();
    private final List<StoredStock> stock = new ArrayList<>();
    private long undecidedHalves;

    @BeforeEach
    void allIsWell() {
        accepted.put("1", order("1", line("A", 2), line("B", 3)));
        accepted.put("2", order("2", line("B", 5000)));
        orders.add(stored("1", "CONFIRMED", new StoredLine("A", 2), new StoredLine("B", 3)));
        orders.add(stored("2", "REJECTED", new StoredLine("B", 5000)));
        reservations.add(new StoredReservation("1", 1, "A", 2));
        reservations.add(new StoredReservation("1", 2, "B", 3));
        stock.add(new StoredStock("A", 1000, 2, 998));
        stock.add(new StoredStock("B", 1000, 3, 997));
    }

    @Test
    void findsNothingWhenAllIsWell() {
        assertThat(audit()).isEmpty();
    }

    @Test
    void findsAnOrderWithoutAnAnswer() {
        unexplained.add("no answer for order 9");

        assertThat(kinds()).containsExactly(Kind.NOT_ANSWERED);
    }

    @Test
    void findsAnAcceptedOrderThatIsNotStored() {
        accepted.put("3", order("3", line("A", 1)));

        assertThat(audit()).containsExactly(new Finding(Kind.ORDER_LOST, "order 3 was accepted and is not stored"));
    }

    @Test
    void findsAnOrderThatIsStoredTwice() {
        orders.add(orders.get(1));

        assertThat(kinds()).containsExactly(Kind.ORDER_TWICE);
    }

    @Test
    void findsAStoredOrderThatWasNotAccepted() {
        orders.add(stored("3", "REJECTED", new StoredLine("A", 1)));

        assertThat(kinds()).containsExactly(Kind.ORDER_UNKNOWN);
    }

    @Test
    void findsAStoredOrderWithOtherLines() {
        orders.set(1, stored("2", "REJECTED", new StoredLine("B", 4999)));

        assertThat(kinds()).containsExactly(Kind.ORDER_DIFFERENT);
    }

    @Test
    void findsAnOrderThatIsNotSettled() {
        orders.set(1, stored("2", "PLACED", new StoredLine("B", 5000)));

        assertThat(kinds()).containsExactly(Kind.ORDER_UNSETTLED);
    }

    @Test
    void findsHalfMessagesThatAreNotDecided() {
        undecidedHalves = 2;

        assertThat(kinds()).containsExactly(Kind.HALF_UNDECIDED);
    }

    @Test
    void findsAConfirmedLineThatIsNotReserved() {
        reservations.remove(1);
        stock.set(1, new StoredStock("B", 1000, 0, 1000));

        assertThat(audit())
                .containsExactly(new Finding(Kind.RESERVATION_LOST, "line 2 of order 1 is confirmed and not reserved"));
    }

    @Test
    void findsALineThatIsReservedTwice() {
        reservations.add(reservations.get(1));
        stock.set(1, new StoredStock("B", 1000, 6, 994));

        assertThat(kinds()).containsExactly(Kind.RESERVATION_TWICE);
    }

    @Test
    void findsAReservationOfAnotherQuantityOrProduct() {
        reservations.set(0, new StoredReservation("1", 1, "A", 1));
        stock.set(0, new StoredStock("A", 1000, 1, 999));
        assertThat(kinds()).containsExactly(Kind.RESERVATION_DIFFERENT);

        reservations.set(0, new StoredReservation("1", 1, "B", 2));
        stock.set(0, new StoredStock("A", 1000, 0, 1000));
        stock.set(1, new StoredStock("B", 1000, 5, 995));
        assertThat(kinds()).containsExactly(Kind.RESERVATION_DIFFERENT);
    }

    @Test
    void findsAReservationForALineThatDoesNotExist() {
        reservations.add(new StoredReservation("1", 3, "A", 1));
        stock.set(0, new StoredStock("A", 1000, 3, 997));

        assertThat(kinds()).containsExactly(Kind.RESERVATION_DIFFERENT);
    }

    @Test
    void findsAReservationForARejectedOrder() {
        reservations.add(new StoredReservation("2", 1, "B", 5));
        stock.set(1, new StoredStock("B", 1000, 8, 992));

        assertThat(kinds()).containsExactly(Kind.RESERVATION_UNDUE);
    }

    @Test
    void findsAReservationForAnOrderThatDoesNotExist() {
        reservations.add(new StoredReservation("7", 1, "B", 5));
        stock.set(1, new StoredStock("B", 1000, 8, 992));

        assertThat(kinds()).containsExactly(Kind.PHANTOM);
    }

    @Test
    void findsStockThatDoesNotAddUp() {
        stock.set(0, new StoredStock("A", 1000, 3, 997));
        assertThat(kinds()).containsExactly(Kind.STOCK_DIFFERENT);

        stock.set(0, new StoredStock("A", 999, 2, 997));
        assertThat(kinds()).containsExactly(Kind.STOCK_DIFFERENT);

        stock.set(0, new StoredStock("A", 1000, 2, 999));
        assertThat(kinds()).containsExactly(Kind.STOCK_DIFFERENT);

        stock.remove(0);
        assertThat(kinds()).containsExactly(Kind.STOCK_DIFFERENT);
    }

    @Test
    void findsMoreReservedThanThereIs() {
        accepted.put("3", order("3", line("C", 1001)));
        orders.add(stored("3", "CONFIRMED", new StoredLine("C", 1001)));
        reservations.add(new StoredReservation("3", 1, "C", 1001));
        stock.add(new StoredStock("C", 1000, 1001, -1));

        assertThat(kinds()).containsExactly(Kind.STOCK_DIFFERENT);
    }

    private List<Finding> audit() {
        return Audit.of(new Evidence(
                accepted,
                unexplained,
                orders,
                reservations,
                stock,
                undecidedHalves,
                1000,
                new SagaEvidence(List.of(), List.of(), Set.of())));
    }

    private List<Kind> kinds() {
        return audit().stream().map(Finding::kind).toList();
    }

    private static NewOrder order(String orderId, NewOrder.Line... lines) {
        return new NewOrder(orderId, "c", "UK", List.of(lines));
    }

    private static NewOrder.Line line(String sku, int quantity) {
        return new NewOrder.Line(sku, sku, quantity, BigDecimal.ONE);
    }

    private static StoredOrder stored(String orderId, String status, StoredLine... lines) {
        return new StoredOrder(orderId, status, null, "OUTBOX", List.of(lines));
    }
}
