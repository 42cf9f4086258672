package dev.tally.benchmarks.outbox;

import dev.tally.benchmarks.publisher.DeliveryLog;
import dev.tally.benchmarks.publisher.DeliveryLog.Delivery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The deliveries of several processes, those that were killed included, in the order in which they happened. */
final class Journal {

    private final List<Delivery> deliveries;
    private final Map<Long, Long> firstNanos = new LinkedHashMap<>();

    private Journal(List<Delivery> deliveries) {
        this.deliveries = deliveries;
        deliveries.forEach(delivery -> firstNanos.putIfAbsent(delivery.orderId(), delivery.nanos()));
    }

    static Journal read(Collection<Path> files) throws IOException {
        List<Delivery> all = new ArrayList<>();
        for (Path file : files) {
            all.addAll(DeliveryLog.read(file));
        }
        return of(all);
    }

    static Journal of(List<Delivery> deliveries) {
        return new Journal(deliveries.stream()
                .sorted(Comparator.comparingLong(Delivery::nanos))
                .toList());
    }

    /** How many of the orders have not been delivered. */
    long missing(Collection<Long> orderIds) {
        return orderIds.stream()
                .filter(orderId -> !firstNanos.containsKey(orderId))
                .count();
    }

    /** How many deliveries were not the first of their order. */
    long duplicates() {
        return (long) deliveries.size() - firstNanos.size();
    }

    /** How many deliveries were of orders that are not among these. */
    long strangers(Collection<Long> orderIds) {
        return firstNanos.keySet().stream()
                .filter(orderId -> !orderIds.contains(orderId))
                .count();
    }

    /** When the last of the orders was delivered first. */
    long lastNanos() {
        return firstNanos.values().stream().mapToLong(Long::longValue).max().orElse(0);
    }

    /**
     * How many orders were delivered, for the first time, after a later one of their customer.
     *
     * @param placed each order's customer, and its number among the customer's orders
     */
    long violations(Map<Long, Place> placed) {
        Map<Long, Long> lastOfCustomer = new HashMap<>();
        long violations = 0;
        for (Long orderId : firstNanos.keySet()) {
            Place place = placed.get(orderId);
            if (place == null) {
                continue;
            }
            long last = lastOfCustomer.getOrDefault(place.customer(), 0L);
            if (place.number() < last) {
                violations++;
            } else {
                lastOfCustomer.put(place.customer(), place.number());
            }
        }
        return violations;
    }

    /** An order's place in the order of its customer's transactions. */
    record Place(long customer, long number) {}
}
