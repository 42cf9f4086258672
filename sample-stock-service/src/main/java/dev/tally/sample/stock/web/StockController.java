package dev.tally.sample.stock.web;

import dev.tally.sample.stock.shelf.Reservation;
import dev.tally.sample.stock.shelf.Reservations;
import dev.tally.sample.stock.shelf.Shelf;
import dev.tally.sample.stock.shelf.StockItem;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Stock and reservations over HTTP. */
@RestController
class StockController {

    private final Shelf shelf;
    private final Reservations reservations;

    StockController(Shelf shelf, Reservations reservations) {
        this.shelf = shelf;
        this.reservations = reservations;
    }

    @GetMapping("/stock/{sku}")
    StockView stock(@PathVariable String sku) {
        return shelf.findById(sku)
                .map(StockView::of)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "Nobody has asked for " + sku));
    }

    /** Stock by code, a page at a time. */
    @GetMapping("/stock")
    Page<StockView> stock(
            @RequestParam(defaultValue = "") String after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(1000) int limit) {
        List<StockItem> items = shelf.findBySkuGreaterThanOrderBySku(after, Limit.of(limit));
        return Page.of(items, limit, StockView::of, StockItem::sku);
    }

    /** Reservations by number, a page at a time. */
    @GetMapping("/reservations")
    Page<ReservationView> reservations(
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(1000) int limit) {
        List<Reservation> items = reservations.findByIdGreaterThanOrderById(after, Limit.of(limit));
        return Page.of(items, limit, ReservationView::of, item -> String.valueOf(item.id()));
    }

    /** A product as clients see it. */
    record StockView(String sku, long onHand, long reserved, long available) {

        static StockView of(StockItem item) {
            return new StockView(item.sku(), item.onHand(), item.reserved(), item.available());
        }
    }

    /** A reservation as clients see it. */
    record ReservationView(String orderId, int line, String sku, int quantity) {

        static ReservationView of(Reservation item) {
            return new ReservationView(item.orderId(), item.lineNo(), item.sku(), item.quantity());
        }
    }

    /**
     * Some of many.
     *
     * @param next what to pass as {@code after} for the next page; {@code null} on the last one
     */
    record Page<T>(List<T> items, @Nullable String next) {

        static <E, T> Page<T> of(List<E> stored, int limit, Function<E, T> view, Function<E, String> key) {
            String next = stored.size() == limit ? key.apply(stored.get(limit - 1)) : null;
            return new Page<>(stored.stream().map(view).toList(), next);
        }
    }
}
