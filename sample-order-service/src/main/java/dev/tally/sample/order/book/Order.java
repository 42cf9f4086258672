package dev.tally.sample.order.book;

import dev.tally.publish.Via;
import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.util.ArrayList;
import java.util.List;
import org.hibernate.annotations.BatchSize;
import org.jspecify.annotations.Nullable;

/**
 * An order with its lines.
 *
 * @since 0.1
 */
@Entity
@Table(name = "orders")
public class Order {

    @Id
    private String orderId;

    private @Nullable String customerId;

    private @Nullable String country;

    @Enumerated(EnumType.STRING)
    private OrderStatus status;

    /** Which way the order's message left; kept for the curious. */
    @Enumerated(EnumType.STRING)
    private Via placedVia;

    /** Why the stock service rejected the order. */
    private @Nullable String reason;

    @ElementCollection(fetch = FetchType.LAZY)
    @CollectionTable(name = "order_line", joinColumns = @JoinColumn(name = "order_id"))
    @OrderColumn(name = "line_no")
    @BatchSize(size = 200)
    private List<OrderLine> lines;

    /** Also tells Spring Data that an order with an id of its own is new, which saves a select. */
    @Version
    private @Nullable Long version;

    /** For Hibernate, which sets the fields afterwards. */
    @SuppressWarnings("NullAway.Init")
    protected Order() {}

    /** A new order, {@code PLACED}. */
    public Order(
            String orderId,
            @Nullable String customerId,
            @Nullable String country,
            List<OrderLine> lines,
            Via placedVia) {
        this.orderId = orderId;
        this.customerId = customerId;
        this.country = country;
        this.lines = new ArrayList<>(lines);
        this.placedVia = placedVia;
        this.status = OrderStatus.PLACED;
    }

    /** The stock service has reserved every line. */
    public void confirm() {
        leavePlacedFor(OrderStatus.CONFIRMED);
    }

    /** The stock service has reserved nothing, for this reason. */
    public void reject(String reason) {
        leavePlacedFor(OrderStatus.REJECTED);
        this.reason = reason;
    }

    private void leavePlacedFor(OrderStatus next) {
        if (status != OrderStatus.PLACED) {
            throw new IllegalStateException("Cannot mark order " + orderId + " " + next + ": it is " + status
                    + " already; the stock service has answered it twice");
        }
        status = next;
    }

    public String orderId() {
        return orderId;
    }

    public @Nullable String customerId() {
        return customerId;
    }

    public @Nullable String country() {
        return country;
    }

    public OrderStatus status() {
        return status;
    }

    public Via placedVia() {
        return placedVia;
    }

    public @Nullable String reason() {
        return reason;
    }

    public List<OrderLine> lines() {
        return List.copyOf(lines);
    }
}
