package dev.tally.sample.demo.audit;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;
import static java.util.stream.Collectors.toList;

import dev.tally.sample.demo.audit.Evidence.StoredLine;
import dev.tally.sample.demo.audit.Evidence.StoredOrder;
import dev.tally.sample.demo.audit.Evidence.StoredReservation;
import dev.tally.sample.demo.audit.Evidence.StoredStock;
import dev.tally.sample.demo.audit.Finding.Kind;
import dev.tally.sample.demo.workload.NewOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds what is not consistent: every accepted order is stored once and settled, every confirmed order has exactly its
 * reservations, nothing else is reserved, the stock adds up, and every saga has ended as its order has.
 *
 * @since 0.1
 */
public final class Audit {

    private static final Set<String> SETTLED = Set.of("CONFIRMED", "REJECTED", "CANCELLED");

    private final Evidence evidence;
    private final List<Finding> findings = new ArrayList<>();

    private Audit(Evidence evidence) {
        this.evidence = evidence;
    }

    /** The findings, none if all is consistent. */
    public static List<Finding> of(Evidence evidence) {
        Audit audit = new Audit(evidence);
        evidence.unexplained().forEach(what -> audit.find(Kind.NOT_ANSWERED, what));
        if (evidence.undecidedHalves() > 0) {
            audit.find(Kind.HALF_UNDECIDED, evidence.undecidedHalves() + " half messages are not decided");
        }
        Map<String, StoredOrder> orders = audit.orders();
        audit.reservations(orders);
        audit.stock();
        new SagaAudit(evidence, audit::find).run(orders);
        return List.copyOf(audit.findings);
    }

    private Map<String, StoredOrder> orders() {
        Map<String, StoredOrder> stored = new TreeMap<>();
        for (StoredOrder order : evidence.orders()) {
            if (stored.put(order.orderId(), order) != null) {
                find(Kind.ORDER_TWICE, "order " + order.orderId() + " is stored more than once");
            }
        }
        for (String orderId : new TreeSet<>(evidence.accepted().keySet())) {
            if (!stored.containsKey(orderId)) {
                find(Kind.ORDER_LOST, "order " + orderId + " was accepted and is not stored");
            }
        }
        for (StoredOrder order : stored.values()) {
            NewOrder accepted = evidence.accepted().get(order.orderId());
            if (accepted == null) {
                find(Kind.ORDER_UNKNOWN, "order " + order.orderId() + " is stored and was not accepted");
            } else if (!linesOf(accepted).equals(order.lines())) {
                find(Kind.ORDER_DIFFERENT, "order " + order.orderId() + " has other lines than were accepted");
            }
            if (!SETTLED.contains(order.status()) && !evidence.sagas().isParked(order.orderId())) {
                find(Kind.ORDER_UNSETTLED, "order " + order.orderId() + " is still " + order.status());
            }
        }
        return stored;
    }

    private void reservations(Map<String, StoredOrder> orders) {
        Map<String, List<StoredReservation>> byOrder = evidence.reservations().stream()
                .collect(groupingBy(StoredReservation::orderId, TreeMap::new, toList()));
        byOrder.forEach((orderId, reservations) -> {
            StoredOrder order = orders.get(orderId);
            if (order == null) {
                find(Kind.PHANTOM, reservations.size() + " lines are reserved for " + orderId + ", which is no order");
            } else if (!order.status().equals("CONFIRMED") && !evidence.sagas().isParked(orderId)) {
                find(
                        Kind.RESERVATION_UNDUE,
                        reservations.size() + " lines are reserved for order " + orderId + ", which is "
                                + order.status());
            }
        });
        for (StoredOrder order : orders.values()) {
            if (order.status().equals("CONFIRMED")) {
                compare(order, byOrder.getOrDefault(order.orderId(), List.of()));
            }
        }
    }

    private void compare(StoredOrder order, List<StoredReservation> reservations) {
        Map<Integer, StoredReservation> byLine = new HashMap<>();
        for (StoredReservation reservation : reservations) {
            String where = "line " + reservation.line() + " of order " + order.orderId();
            if (byLine.put(reservation.line(), reservation) != null) {
                find(Kind.RESERVATION_TWICE, where + " is reserved more than once");
            } else if (reservation.line() < 1
                    || reservation.line() > order.lines().size()) {
                find(Kind.RESERVATION_DIFFERENT, where + " is reserved and does not exist");
            }
        }
        for (int number = 1; number <= order.lines().size(); number++) {
            StoredLine line = order.lines().get(number - 1);
            StoredReservation reservation = byLine.get(number);
            String where = "line " + number + " of order " + order.orderId();
            if (reservation == null) {
                find(Kind.RESERVATION_LOST, where + " is confirmed and not reserved");
            } else if (!line.equals(new StoredLine(reservation.sku(), reservation.quantity()))) {
                find(
                        Kind.RESERVATION_DIFFERENT,
                        where + " is " + line.quantity() + " of " + line.sku() + ", reserved are "
                                + reservation.quantity() + " of " + reservation.sku());
            }
        }
    }

    private void stock() {
        Map<String, Long> reserved = evidence.reservations().stream()
                .collect(groupingBy(StoredReservation::sku, TreeMap::new, summingLong(StoredReservation::quantity)));
        for (StoredStock item : evidence.stock()) {
            long expected = Objects.requireNonNullElse(reserved.remove(item.sku()), 0L);
            if (item.reserved() != expected
                    || item.onHand() != evidence.initialStock()
                    || item.available() != item.onHand() - item.reserved()
                    || item.available() < 0) {
                find(
                        Kind.STOCK_DIFFERENT,
                        "product " + item.sku() + " shows " + item.onHand() + " on hand, " + item.reserved()
                                + " reserved, " + item.available() + " available; it began with "
                                + evidence.initialStock() + " and its reservations add up to " + expected);
            }
        }
        reserved.forEach((sku, quantity) ->
                find(Kind.STOCK_DIFFERENT, quantity + " of product " + sku + " are reserved, which has no stock"));
    }

    private static List<StoredLine> linesOf(NewOrder order) {
        return order.lines().stream()
                .map(line -> new StoredLine(line.sku(), line.quantity()))
                .toList();
    }

    private void find(Kind kind, String what) {
        findings.add(new Finding(kind, what));
    }
}
