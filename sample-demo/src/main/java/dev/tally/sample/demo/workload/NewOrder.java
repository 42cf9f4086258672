package dev.tally.sample.demo.workload;

import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * An order to place, as the order service takes it.
 *
 * @since 0.1
 */
public record NewOrder(String orderId, String customerId, String country, List<Line> lines) {

    /** A line; it may be one that the service refuses. */
    public record Line(String sku, String description, int quantity, BigDecimal unitPrice) {}

    /** Copies the lines. */
    public NewOrder {
        lines = List.copyOf(lines);
    }

    /** What it costs. */
    public BigDecimal price() {
        return lines.stream()
                .map(line -> line.unitPrice().multiply(BigDecimal.valueOf(line.quantity())))
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** This order without the lines of these numbers, counted from 1. */
    public NewOrder without(Set<Integer> lineNumbers) {
        List<Line> rest = IntStream.range(0, lines.size())
                .filter(i -> !lineNumbers.contains(i + 1))
                .mapToObj(lines::get)
                .toList();
        return new NewOrder(orderId, customerId, country, rest);
    }
}
