package dev.tally.sample.demo.place;

import dev.tally.sample.demo.workload.NewOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Notes what came of each order. Thread-safe. */
final class PlacingLedger {

    private final Map<String, NewOrder> accepted = new HashMap<>();
    private final List<String> whollyRefused = new ArrayList<>();
    private final Map<String, Integer> refusedLines = new TreeMap<>();
    private final List<String> refusedOrders = new ArrayList<>();
    private final List<String> unanswered = new ArrayList<>();
    private final List<String> unexpected = new ArrayList<>();
    private final Set<String> cancelled = new TreeSet<>();
    private final List<String> notCancelled = new ArrayList<>();
    private int answeredBefore;
    private int retries;
    private int done;

    synchronized void accepted(NewOrder order, boolean before) {
        accepted.put(order.orderId(), order);
        if (before) {
            answeredBefore++;
        }
        done++;
    }

    synchronized void refusedLine(String reason) {
        refusedLines.merge(reason, 1, Integer::sum);
    }

    synchronized void whollyRefused(NewOrder order) {
        whollyRefused.add(order.orderId());
        done++;
    }

    synchronized void refusedOrder(NewOrder order, String why) {
        refusedOrders.add(order.orderId() + ": " + why);
        done++;
    }

    synchronized void unanswered(NewOrder order, String why) {
        unanswered.add(order.orderId() + ": " + why);
        done++;
    }

    synchronized void unexpected(NewOrder order, String what) {
        unexpected.add(order.orderId() + ": " + what);
        done++;
    }

    synchronized void cancelled(String orderId) {
        cancelled.add(orderId);
    }

    synchronized void notCancelled(String orderId) {
        notCancelled.add(orderId);
    }

    synchronized void cancellationUnanswered(String orderId) {
        unanswered.add(orderId + ": its cancellation was not answered");
    }

    synchronized void retry() {
        retries++;
    }

    synchronized int done() {
        return done;
    }

    synchronized Placed placed() {
        return new Placed(
                Map.copyOf(accepted),
                List.copyOf(whollyRefused),
                new TreeMap<>(refusedLines),
                List.copyOf(refusedOrders),
                List.copyOf(unanswered),
                List.copyOf(unexpected),
                Set.copyOf(cancelled),
                List.copyOf(notCancelled),
                answeredBefore,
                retries);
    }
}
