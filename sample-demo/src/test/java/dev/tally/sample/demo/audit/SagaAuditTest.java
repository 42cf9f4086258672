package dev.tally.sample.demo.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.sample.demo.audit.Evidence.StoredLine;
import dev.tally.sample.demo.audit.Evidence.StoredOrder;
import dev.tally.sample.demo.audit.Evidence.StoredReservation;
import dev.tally.sample.demo.audit.Evidence.StoredStock;
import dev.tally.sample.demo.audit.Finding.Kind;
import dev.tally.sample.demo.audit.SagaEvidence.OrderSagas;
import dev.tally.sample.demo.audit.SagaEvidence.StoredPayment;
import dev.tally.sample.demo.workload.NewOrder;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Begins each time with orders whose sagas have ended in every way, and everything as it should be. */
class SagaAuditTest {

    private final Map<String, NewOrder> accepted = new HashMap<>();
    private final List<StoredOrder> orders = new ArrayList<>();
    private final List<StoredReservation> reservations = new ArrayList<>();
    private final Map<String, OrderSagas> sagas = new HashMap<>();
    private final List<StoredPayment> payments = new ArrayList<>();
    private final Set<String> cancelled = new HashSet<>(Set.of("back", "kept", "plain-back", "stopped"));

    @BeforeEach
    void allIsWell() {
        add("done", "SAGA", "CONFIRMED", "COMPLETED", null, "CHARGE");
        add("undone", "SAGA", "CANCELLED", "COMPENSATED", null);
        add("stopped", "SAGA", "CANCELLED", "COMPENSATED", "COMPLETED");
        add("back", "SAGA", "CANCELLED", "COMPLETED", "COMPLETED", "CHARGE", "REFUND");
        add("kept", "SAGA", "CONFIRMED", "COMPLETED", "COMPENSATED", "CHARGE");
        add("plain", "OUTBOX", "CONFIRMED", null, null);
        add("plain-back", "HALF_MESSAGE", "CANCELLED", null, "COMPLETED");
        add("plain-rejected", "OUTBOX", "REJECTED", null, null);
    }

    @Test
    void findsNothingWhenAllIsWell() {
        assertThat(audit()).isEmpty();
    }

    @Test
    void findsASagaThatHasNotEnded() {
        sagas.put("done", new OrderSagas("done", "RUNNING", null));
        sagas.put("back", new OrderSagas("back", "COMPLETED", "COMPENSATING"));

        assertThat(audit())
                .containsExactly(
                        new Finding(Kind.SAGA_OPEN, "the saga that cancels order back is still COMPENSATING"),
                        new Finding(Kind.SAGA_OPEN, "the saga that places order done is still RUNNING"));
    }

    @Test
    void saysNothingOfAnOrderWhoseSagaWaitsForAPerson() {
        sagas.put("done", new OrderSagas("done", "PARKED", null));
        replace("done", "PENDING");

        assertThat(audit()).isEmpty();
    }

    @Test
    void findsAnOrderWithoutItsSaga() {
        sagas.remove("done");

        assertThat(kinds()).contains(Kind.SAGA_LOST);
    }

    @Test
    void findsAnOrderThatIsNotWhatItsSagasAre() {
        replace("undone", "CONFIRMED");
        assertThat(kinds()).contains(Kind.SAGA_DIFFERENT);

        replace("undone", "CANCELLED");
        replace("plain-rejected", "CANCELLED");
        assertThat(kinds()).containsExactly(Kind.SAGA_DIFFERENT);

        replace("plain-rejected", "REJECTED");
        replace("done", "REJECTED");
        assertThat(kinds()).contains(Kind.SAGA_DIFFERENT);
    }

    @Test
    void findsACancellationWithoutEffect() {
        cancelled.add("done");

        assertThat(audit())
                .containsExactly(new Finding(
                        Kind.CANCELLATION_LOST, "the cancellation of order done was accepted, and it is CONFIRMED"));
    }

    @Test
    void findsPaymentsThatAreMissingTooManyOrWrong() {
        StoredPayment charge = payments.remove(0);
        assertThat(kinds()).containsExactly(Kind.PAYMENT_LOST);

        payments.addAll(List.of(charge, charge));
        assertThat(kinds()).containsExactly(Kind.PAYMENT_TWICE);

        payments.remove(charge);
        payments.add(new StoredPayment("undone", "CHARGE", BigDecimal.ONE));
        payments.add(new StoredPayment("nobody", "CHARGE", BigDecimal.ONE));
        assertThat(kinds()).containsExactly(Kind.PAYMENT_UNDUE, Kind.PAYMENT_UNDUE);
    }

    @Test
    void findsAPaymentThatIsNotThePrice() {
        payments.set(0, new StoredPayment("done", "CHARGE", BigDecimal.TEN));

        assertThat(kinds()).containsExactly(Kind.PAYMENT_DIFFERENT);
    }

    @Test
    void findsWhatIsReservedForACancelledOrder() {
        reservations.add(new StoredReservation("undone", 1, "A", 2));

        assertThat(kinds()).containsExactly(Kind.RESERVATION_UNDUE);
    }

    private void add(String id, String via, String status, String placing, String cancelling, String... paid) {
        NewOrder order = new NewOrder(id, "c", "UK", List.of(new NewOrder.Line("A", "a", 2, new BigDecimal("1.50"))));
        accepted.put(id, order);
        orders.add(new StoredOrder(id, status, null, via, List.of(new StoredLine("A", 2))));
        if (status.equals("CONFIRMED")) {
            reservations.add(new StoredReservation(id, 1, "A", 2));
        }
        sagas.put(id, new OrderSagas(id, placing, cancelling));
        for (String kind : paid) {
            payments.add(new StoredPayment(id, kind, new BigDecimal("3.0000")));
        }
    }

    private void replace(String id, String status) {
        orders.replaceAll(order -> order.orderId().equals(id)
                ? new StoredOrder(id, status, null, order.placedVia(), order.lines())
                : order);
    }

    private List<Finding> audit() {
        long reserved =
                reservations.stream().mapToLong(StoredReservation::quantity).sum();
        return Audit.of(new Evidence(
                accepted,
                List.of(),
                orders,
                reservations,
                List.of(new StoredStock("A", 1000, reserved, 1000 - reserved)),
                0,
                1000,
                new SagaEvidence(List.copyOf(sagas.values()), payments, cancelled)));
    }

    private List<Kind> kinds() {
        return audit().stream().map(Finding::kind).toList();
    }
}
