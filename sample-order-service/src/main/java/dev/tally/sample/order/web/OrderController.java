package dev.tally.sample.order.web;

import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.place.NewOrder;
import dev.tally.sample.order.place.OrderDesk;
import dev.tally.sample.order.place.OrderPlaced;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** Orders over HTTP. */
@RestController
@RequestMapping("/orders")
class OrderController {

    private final OrderDesk desk;
    private final OrderQueries queries;

    OrderController(OrderDesk desk, OrderQueries queries) {
        this.desk = desk;
        this.queries = queries;
    }

    /** Places an order, its message through the outbox: 201; 200 if it was placed before; 409 if its id is taken. */
    @PostMapping
    ResponseEntity<OrderView> place(@Valid @RequestBody NewOrder order) {
        return place(order, desk::place);
    }

    /** The same with a half message. */
    @PostMapping("/express")
    ResponseEntity<OrderView> placeExpress(@Valid @RequestBody NewOrder order) {
        return place(order, desk::placeExpress);
    }

    @GetMapping("/{orderId}")
    OrderView one(@PathVariable String orderId) {
        return queries.find(orderId)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no order " + orderId));
    }

    /** Orders by id, a page at a time. */
    @GetMapping
    OrderPage some(
            @RequestParam @Nullable OrderStatus status,
            @RequestParam(defaultValue = "") String after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(500) int limit) {
        return queries.page(after, status, limit);
    }

    private ResponseEntity<OrderView> place(NewOrder order, Function<NewOrder, @Nullable OrderPlaced> path) {
        OrderPlaced placed;
        try {
            placed = path.apply(order);
        } catch (DataIntegrityViolationException sameIdAtTheSameMoment) {
            // The other request has committed by now: the second look finds its order.
            placed = path.apply(order);
        }
        return ResponseEntity.status(placed != null ? HttpStatus.CREATED : HttpStatus.OK)
                .body(one(order.orderId()));
    }
}
