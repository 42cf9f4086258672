package dev.tally.sample.order.web;

import dev.tally.sample.order.book.OrderStatus;
import dev.tally.sample.order.place.NewOrder;
import dev.tally.sample.order.place.OrderDesk;
import dev.tally.sample.order.saga.SagaDesk;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.function.Predicate;
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
    private final SagaDesk sagaDesk;
    private final OrderQueries queries;

    OrderController(OrderDesk desk, SagaDesk sagaDesk, OrderQueries queries) {
        this.desk = desk;
        this.sagaDesk = sagaDesk;
        this.queries = queries;
    }

    /** Places an order, its message through the outbox: 201; 200 if it was placed before; 409 if its id is taken. */
    @PostMapping
    ResponseEntity<OrderView> place(@Valid @RequestBody NewOrder order) {
        return place(order, asked -> desk.place(asked) != null);
    }

    /** The same with a half message. */
    @PostMapping("/express")
    ResponseEntity<OrderView> placeExpress(@Valid @RequestBody NewOrder order) {
        return place(order, asked -> desk.placeExpress(asked) != null);
    }

    /** The same by a saga, which also charges for it. */
    @PostMapping("/saga")
    ResponseEntity<OrderView> placeBySaga(@Valid @RequestBody NewOrder order) {
        return place(order, sagaDesk::place);
    }

    /**
     * Cancels an order: 202; 200 if that was asked before; 404 without such an order; 409 if it was rejected, if its refund
     * was refused, or, with {@code Retry-After}, if it is not settled yet.
     */
    @PostMapping("/{orderId}/cancellation")
    ResponseEntity<Object> cancel(@PathVariable String orderId) {
        return switch (sagaDesk.cancel(orderId)) {
            case BEGUN -> ResponseEntity.accepted().body(one(orderId));
            case KNOWN -> ResponseEntity.ok(one(orderId));
            case NO_ORDER -> throw new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no order " + orderId);
            case NOTHING_TO_CANCEL ->
                Problems.conflict("Order " + orderId + " was rejected: there is nothing to cancel", false);
            case REFUSED ->
                Problems.conflict("The refund for order " + orderId + " was refused: the order stands", false);
            case TOO_EARLY -> Problems.conflict("Order " + orderId + " is not settled yet: ask again", true);
        };
    }

    @GetMapping("/{orderId}")
    OrderView one(@PathVariable String orderId) {
        return queries.find(orderId)
                .orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no order " + orderId));
    }

    /** Orders by id, a page at a time. */
    @GetMapping
    Page<OrderView> some(
            @RequestParam @Nullable OrderStatus status,
            @RequestParam(defaultValue = "") String after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(500) int limit) {
        return queries.page(after, status, limit);
    }

    private ResponseEntity<OrderView> place(NewOrder order, Predicate<NewOrder> path) {
        boolean isNew;
        try {
            isNew = path.test(order);
        } catch (DataIntegrityViolationException sameIdAtTheSameMoment) {
            // The other request has committed by now: the second look finds its order.
            isNew = path.test(order);
        }
        return ResponseEntity.status(isNew ? HttpStatus.CREATED : HttpStatus.OK).body(one(order.orderId()));
    }
}
