package dev.tally.sample.order.web;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What sagas have come to, over HTTP. */
@RestController
class SagaController {

    private final OrderQueries queries;

    SagaController(OrderQueries queries) {
        this.queries = queries;
    }

    /** Where the sagas of orders are, by the orders' ids, a page at a time. */
    @GetMapping("/sagas")
    Page<SagaView> sagas(
            @RequestParam(defaultValue = "") String after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(500) int limit) {
        return queries.sagas(after, limit);
    }

    /** Payments by number, a page at a time. */
    @GetMapping("/payments")
    Page<PaymentView> payments(
            @RequestParam(defaultValue = "0") long after,
            @RequestParam(defaultValue = "100") @Min(1) @Max(500) int limit) {
        return queries.payments(after, limit);
    }
}
