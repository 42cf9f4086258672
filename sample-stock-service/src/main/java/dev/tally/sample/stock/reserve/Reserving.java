package dev.tally.sample.stock.reserve;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.summingLong;

import dev.tally.sample.stock.shelf.Reservation;
import dev.tally.sample.stock.shelf.Reservations;
import dev.tally.sample.stock.shelf.Shelf;
import dev.tally.sample.stock.shelf.StockItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Reserves stock for orders and gives it back, in the caller's transaction.
 *
 * @since 0.1
 */
@Component
public class Reserving {

    /** Products named in a rejection; with more the reason would not fit its column in the order service. */
    private static final int MAX_NAMED = 3;

    private final Shelf shelf;
    private final Reservations reservations;
    private final FirstSight firstSight;

    Reserving(Shelf shelf, Reservations reservations, FirstSight firstSight) {
        this.shelf = shelf;
        this.reservations = reservations;
        this.firstSight = firstSight;
    }

    /**
     * So many of a product.
     *
     * @param sku the product code
     * @param quantity how many, at least 1
     */
    public record Line(String sku, int quantity) {}

    /**
     * Reserves all lines of an order, or none.
     *
     * @return what is short, if none was reserved
     */
    public Optional<String> reserve(String orderId, List<Line> lines) {
        Map<String, Long> asked =
                lines.stream().collect(groupingBy(Line::sku, TreeMap::new, summingLong(Line::quantity)));
        firstSight.shelve(asked.keySet());
        List<StockItem> items = shelf.lock(asked.keySet());
        String shortOf = items.stream()
                .filter(item -> item.available() < quantity(asked, item))
                .map(item -> item.sku() + ": " + quantity(asked, item) + " asked, " + item.available() + " available")
                .limit(MAX_NAMED)
                .collect(joining("; "));
        if (!shortOf.isEmpty()) {
            return Optional.of(shortOf);
        }
        items.forEach(item -> item.reserve(quantity(asked, item)));
        List<Reservation> reserved = new ArrayList<>();
        for (Line line : lines) {
            reserved.add(new Reservation(orderId, reserved.size() + 1, line.sku(), line.quantity()));
        }
        reservations.saveAll(reserved);
        return Optional.empty();
    }

    /** Gives back whatever is reserved for an order. */
    public void release(String orderId) {
        List<Reservation> reserved = reservations.findByOrderId(orderId);
        Map<String, Long> back = reserved.stream()
                .collect(groupingBy(Reservation::sku, TreeMap::new, summingLong(Reservation::quantity)));
        shelf.lock(back.keySet()).forEach(item -> item.release(quantity(back, item)));
        reservations.deleteAll(reserved);
    }

    private static long quantity(Map<String, Long> bySku, StockItem item) {
        return bySku.getOrDefault(item.sku(), 0L);
    }
}
