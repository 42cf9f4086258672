package dev.tally.sample.order.place;

import dev.tally.sample.order.book.Order;
import dev.tally.sample.order.book.OrderBook;
import dev.tally.sample.order.book.OrderLine;
import dev.tally.sample.order.book.PlacedVia;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for.
 *
 * @param orderId the client's own id, for instance its invoice number; it makes sending again safe
 * @since 0.1
 */
public record NewOrder(
        @NotBlank(message = "is missing") @Size(max = 64, message = "is longer than {max} characters") String orderId,

        @Size(max = 64, message = "is longer than {max} characters") @Nullable String customerId,

        @Size(max = 64, message = "is longer than {max} characters") @Nullable String country,

        @NotEmpty(message = "is empty") @Size(max = 2000, message = "has more than {max} lines") List<@Valid @NotNull(message = "is missing") Line> lines) {

    /** A line that a client asks for. */
    public record Line(
            @NotBlank(message = "is missing") @Size(max = 64, message = "is longer than {max} characters") String sku,

            @Size(max = 255, message = "is longer than {max} characters") @Nullable String description,

            @NotNull(message = "is missing") @Min(value = 1, message = "is less than 1") Integer quantity,

            @NotNull(message = "is missing") @Digits(
                    integer = 12,
                    fraction = 4,
                    message = "has more than {fraction} decimal places or {integer} digits before them")
            BigDecimal unitPrice) {

        OrderLine toOrderLine() {
            return new OrderLine(sku, description, quantity, unitPrice);
        }

        boolean sameAs(OrderLine stored) {
            return sku.equals(stored.sku())
                    && Objects.equals(description, stored.description())
                    && quantity == stored.quantity()
                    && unitPrice.compareTo(stored.unitPrice()) == 0;
        }
    }

    /** The order to store. */
    public Order toOrder(PlacedVia via) {
        return new Order(
                orderId,
                customerId,
                country,
                lines.stream().map(Line::toOrderLine).toList(),
                via);
    }

    /**
     * Whether it was placed before.
     *
     * @throws OrderConflictException if another order has its id
     */
    public boolean wasPlaced(OrderBook book) {
        Optional<Boolean> same = book.findById(orderId).map(this::sameAs);
        if (same.isPresent() && !same.get()) {
            throw new OrderConflictException(orderId);
        }
        return same.isPresent();
    }

    private boolean sameAs(Order stored) {
        List<OrderLine> storedLines = stored.lines();
        return Objects.equals(customerId, stored.customerId())
                && Objects.equals(country, stored.country())
                && lines.size() == storedLines.size()
                && IntStream.range(0, lines.size()).allMatch(i -> lines.get(i).sameAs(storedLines.get(i)));
    }
}
