package dev.tally.sample.demo.audit;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;

import dev.tally.sample.demo.audit.Evidence.StoredOrder;
import dev.tally.sample.demo.audit.Finding.Kind;
import dev.tally.sample.demo.audit.SagaEvidence.OrderSagas;
import dev.tally.sample.demo.audit.SagaEvidence.StoredPayment;
import dev.tally.sample.demo.workload.NewOrder;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds sagas that have not ended, or whose end is not that of the order and its payments: completed is confirmed and
 * charged once, compensated is cancelled and not charged, cancelled afterwards is paid back once.
 */
final class SagaAudit {

    private final Evidence evidence;
    private final BiConsumer<Kind, String> find;

    SagaAudit(Evidence evidence, BiConsumer<Kind, String> find) {
        this.evidence = evidence;
        this.find = find;
    }

    void run(Map<String, StoredOrder> orders) {
        Map<String, OrderSagas> sagas = evidence.sagas().sagas().stream()
                .collect(toMap(OrderSagas::orderId, order -> order, (one, other) -> one, TreeMap::new));
        Map<String, List<StoredPayment>> payments = evidence.sagas().payments().stream()
                .collect(groupingBy(StoredPayment::orderId, TreeMap::new, toList()));
        for (StoredOrder order : orders.values()) {
            OrderSagas ofOrder = sagas.getOrDefault(order.orderId(), new OrderSagas(order.orderId(), null, null));
            List<StoredPayment> paid = payments.remove(order.orderId());
            if (!ofOrder.isParked() && haveEnded(ofOrder)) {
                compare(order, ofOrder);
                payments(order, ofOrder, paid == null ? List.of() : paid);
            }
        }
        payments.forEach((orderId, paid) ->
                find.accept(Kind.PAYMENT_UNDUE, paid.size() + " payments are for " + orderId + ", which is no order"));
    }

    private boolean haveEnded(OrderSagas sagas) {
        return hasEnded("places", sagas.orderId(), sagas.placing())
                && hasEnded("cancels", sagas.orderId(), sagas.cancelling());
    }

    private boolean hasEnded(String what, String orderId, @Nullable String state) {
        if (state == null || state.equals(SagaEvidence.COMPLETED) || state.equals(SagaEvidence.COMPENSATED)) {
            return true;
        }
        find.accept(Kind.SAGA_OPEN, "the saga that " + what + " order " + orderId + " is still " + state);
        return false;
    }

    private void compare(StoredOrder order, OrderSagas sagas) {
        boolean bySaga = order.placedVia().equals("SAGA");
        if (bySaga != (sagas.placing() != null)) {
            find.accept(
                    Kind.SAGA_LOST,
                    "order " + order.orderId() + " was placed via " + order.placedVia()
                            + ", and the saga that places it is " + sagas.placing());
            return;
        }
        boolean mustBeCancelled =
                SagaEvidence.COMPENSATED.equals(sagas.placing()) || SagaEvidence.COMPLETED.equals(sagas.cancelling());
        boolean mustBeConfirmed = !mustBeCancelled && (bySaga || SagaEvidence.COMPENSATED.equals(sagas.cancelling()));
        if (mustBeCancelled != order.status().equals("CANCELLED")
                || (mustBeConfirmed && !order.status().equals("CONFIRMED"))) {
            find.accept(
                    Kind.SAGA_DIFFERENT,
                    "order " + order.orderId() + " is " + order.status() + "; the saga that places it is "
                            + sagas.placing() + ", the one that cancels it is " + sagas.cancelling());
        }
        if (evidence.sagas().cancelled().contains(order.orderId())
                && !mustBeCancelled
                && !SagaEvidence.COMPENSATED.equals(sagas.cancelling())) {
            find.accept(
                    Kind.CANCELLATION_LOST,
                    "the cancellation of order " + order.orderId() + " was accepted, and it is " + order.status());
        }
    }

    private void payments(StoredOrder order, OrderSagas sagas, List<StoredPayment> paid) {
        NewOrder accepted = evidence.accepted().get(order.orderId());
        BigDecimal price = accepted == null ? BigDecimal.ZERO : accepted.price();
        boolean charged = SagaEvidence.COMPLETED.equals(sagas.placing());
        boolean refunded = charged && SagaEvidence.COMPLETED.equals(sagas.cancelling()) && price.signum() != 0;
        compare(order, "CHARGE", charged ? 1 : 0, price, paid);
        compare(order, "REFUND", refunded ? 1 : 0, price, paid);
    }

    private void compare(StoredOrder order, String kind, int due, BigDecimal price, List<StoredPayment> paid) {
        List<StoredPayment> found =
                paid.stream().filter(payment -> payment.kind().equals(kind)).toList();
        String what = "order " + order.orderId() + ", which is " + order.status() + ", has " + found.size()
                + " payments of kind " + kind;
        if (found.size() < due) {
            find.accept(Kind.PAYMENT_LOST, what + ", not " + due);
        } else if (found.size() > due) {
            find.accept(due == 0 ? Kind.PAYMENT_UNDUE : Kind.PAYMENT_TWICE, what + ", not " + due);
        } else if (found.stream().anyMatch(payment -> payment.amount().compareTo(price) != 0)) {
            find.accept(Kind.PAYMENT_DIFFERENT, what + " that is not its price, " + price);
        }
    }
}
