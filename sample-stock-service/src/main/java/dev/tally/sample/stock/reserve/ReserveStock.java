package dev.tally.sample.stock.reserve;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.summingLong;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.publish.MessagePublisher;
import dev.tally.sample.stock.shelf.Reservation;
import dev.tally.sample.stock.shelf.Reservations;
import dev.tally.sample.stock.shelf.Shelf;
import dev.tally.sample.stock.shelf.StockItem;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.stereotype.Component;

/**
 * Reserves stock for a placed order: all its lines or none. The reservation, the answer and the note that this message
 * is handled are one transaction, so each order is reserved once and answered once, however often its message comes.
 *
 * @since 0.1
 */
@Component
public class ReserveStock {

    /** Products named in a rejection; with more the reason would not fit its column in the order service. */
    private static final int MAX_NAMED = 3;

    private final Shelf shelf;
    private final Reservations reservations;
    private final FirstSight firstSight;
    private final MessagePublisher publisher;

    ReserveStock(Shelf shelf, Reservations reservations, FirstSight firstSight, MessagePublisher publisher) {
        this.shelf = shelf;
        this.reservations = reservations;
        this.firstSight = firstSight;
        this.publisher = publisher;
    }

    /** Reserves, or rejects. */
    @IdempotentConsumer(topic = "orders", group = "stock-service")
    public void on(OrderPlaced order) {
        Map<String, Long> asked = order.lines().stream()
                .collect(groupingBy(OrderPlaced.Line::sku, TreeMap::new, summingLong(OrderPlaced.Line::quantity)));
        firstSight.shelve(asked.keySet());
        List<StockItem> items = shelf.lock(asked.keySet());

        String shortOf = items.stream()
                .filter(item -> item.available() < quantity(asked, item))
                .map(item -> item.sku() + ": " + quantity(asked, item) + " asked, " + item.available() + " available")
                .limit(MAX_NAMED)
                .collect(joining("; "));
        if (!shortOf.isEmpty()) {
            publisher.publish("stock-rejected", order.orderId(), new StockRejected(order.orderId(), shortOf));
            return;
        }
        items.forEach(item -> item.reserve(quantity(asked, item)));
        reservations.saveAll(linesOf(order));
        publisher.publish("stock-reserved", order.orderId(), new StockReserved(order.orderId()));
    }

    private static long quantity(Map<String, Long> asked, StockItem item) {
        return asked.getOrDefault(item.sku(), 0L);
    }

    private static List<Reservation> linesOf(OrderPlaced order) {
        List<Reservation> lines = new ArrayList<>();
        for (OrderPlaced.Line line : order.lines()) {
            lines.add(new Reservation(order.orderId(), lines.size() + 1, line.sku(), line.quantity()));
        }
        return lines;
    }
}
