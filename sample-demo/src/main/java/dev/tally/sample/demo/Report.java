package dev.tally.sample.demo;

import dev.tally.sample.demo.audit.Evidence.StoredOrder;
import dev.tally.sample.demo.audit.Evidence.StoredReservation;
import dev.tally.sample.demo.audit.Finding;
import dev.tally.sample.demo.audit.SagaEvidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Writes the table and the verdict. */
final class Report {

    private static final int MAX_SHOWN = 20;

    private final Outcome outcome;
    private final List<String> lines = new ArrayList<>();

    private Report(Outcome outcome) {
        this.outcome = outcome;
    }

    static List<String> of(Outcome outcome) {
        Report report = new Report(outcome);
        report.orders();
        report.messages();
        report.stock();
        report.sagas();
        report.row("kills (-9)", outcome.kills(), "each started again on its data");
        report.lines.add("  %-34s %,10.1f s".formatted("time", outcome.time().toMillis() / 1000.0));
        report.lines.add("");
        report.verdict();
        return report.lines;
    }

    private void orders() {
        long outbox = count(order -> order.placedVia().equals("OUTBOX"));
        row("orders committed", outcome.evidence().orders().size(), "");
        row("  through the outbox", outbox, "");
        long halves = count(order -> order.placedVia().equals("HALF_MESSAGE"));
        long asHalves =
                outcome.broker().committedByProducer() + outcome.broker().committedByCheckBack();
        row(
                "  as half messages",
                halves,
                halves > asHalves
                        ? "%,d of them by the outbox after all, the broker being away".formatted(halves - asHalves)
                        : "");
        row("  by sagas", count(order -> order.placedVia().equals("SAGA")), "");
        row("  confirmed", count(order -> order.status().equals("CONFIRMED")), "");
        row("  rejected for lack of stock", count(order -> order.status().equals("REJECTED")), "");
        row("  cancelled", count(order -> order.status().equals("CANCELLED")), "");
        int refused = outcome.placed().refusedLines().values().stream()
                .mapToInt(Integer::intValue)
                .sum();
        row("lines refused", refused, "");
        outcome.placed().refusedLines().forEach((reason, count) -> row("  " + reason, count, ""));
        row("orders of which no line was left", outcome.placed().whollyRefused().size(), "");
        if (!outcome.placed().refusedOrders().isEmpty()) {
            row("orders refused as a whole", outcome.placed().refusedOrders().size(), "");
        }
        row(
                "cancellations accepted",
                outcome.placed().cancelled().size(),
                "%,d refused or of no order"
                        .formatted(outcome.placed().notCancelled().size()));
        if (outcome.cancellationsLeftOut() > 0) {
            row("cancellations left out", outcome.cancellationsLeftOut(), "");
        }
        row(
                "requests sent again",
                outcome.placed().retries(),
                "%,d orders were stored by a try whose answer was lost"
                        .formatted(outcome.placed().answeredBefore()));
    }

    private void messages() {
        row("messages at the broker", outcome.broker().messages(), "");
        row("messages handled, at least", outcome.delivered(), "counters die with their process");
        row("duplicates absorbed, at least", outcome.duplicates(), "");
        if (outcome.broker().deadLetters() > 0) {
            row("dead letters", outcome.broker().deadLetters(), "");
        }
        row("half messages committed", outcome.broker().committedByProducer(), "by the order service");
        row("", outcome.broker().committedByCheckBack(), "by check-back");
        row("half messages rolled back", outcome.broker().rolledBackByProducer(), "by the order service");
        row("", outcome.broker().rolledBackByCheckBack(), "by check-back");
    }

    private void stock() {
        long confirmed = outcome.evidence().orders().stream()
                .filter(order -> order.status().equals("CONFIRMED"))
                .flatMap(order -> order.lines().stream())
                .mapToLong(line -> line.quantity())
                .sum();
        long reserved = outcome.evidence().reservations().stream()
                .mapToLong(StoredReservation::quantity)
                .sum();
        row("pieces reserved", reserved, "%,d in confirmed orders".formatted(confirmed));
    }

    private void sagas() {
        SagaEvidence sagas = outcome.evidence().sagas();
        row("sagas that place: completed", sagas.placing("COMPLETED"), "");
        row("", sagas.placing("COMPENSATED"), "compensated");
        row("sagas that cancel: completed", sagas.cancelling("COMPLETED"), "");
        row("", sagas.cancelling("COMPENSATED"), "compensated, the refund being refused");
        row("sagas parked", sagas.placing("PARKED") + sagas.cancelling("PARKED"), "these wait for a person");
        long charges = sagas.payments().stream()
                .filter(payment -> payment.kind().equals("CHARGE"))
                .count();
        row(
                "charges",
                charges,
                "%,d of them paid back".formatted(sagas.payments().size() - charges));
    }

    private void verdict() {
        if (outcome.isConsistent()) {
            lines.add("CONSISTENT");
            return;
        }
        lines.add("NOT CONSISTENT: %,d findings".formatted(outcome.findings().size()));
        Map<Finding.Kind, Integer> byKind = new TreeMap<>();
        outcome.findings().forEach(finding -> byKind.merge(finding.kind(), 1, Integer::sum));
        byKind.forEach((kind, count) -> row(kind.toString(), count, ""));
        outcome.findings().stream().limit(MAX_SHOWN).forEach(finding -> lines.add("  - " + finding.what()));
        if (outcome.findings().size() > MAX_SHOWN) {
            lines.add("  - and %,d more".formatted(outcome.findings().size() - MAX_SHOWN));
        }
    }

    private long count(Predicate<StoredOrder> which) {
        return outcome.evidence().orders().stream().filter(which).count();
    }

    private void row(String what, long count, String remark) {
        lines.add("  %-34s %,10d  %s".formatted(what, count, remark).stripTrailing());
    }
}
