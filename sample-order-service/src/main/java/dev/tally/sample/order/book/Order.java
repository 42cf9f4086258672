package dev.tally.sample.order.book;

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

    /** Which way the order was placed; kept for the curious. */
    @Enumerated(EnumType.STRING)
    private PlacedVia placedVia;

    /** Why the order was rejected or cancelled. */
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

    /** A new order, {@code PENDING} if a saga places it, otherwise {@code PLACED}. */
    public Order(
            String orderId,
            @Nullable String customerId,
            @Nullable String country,
            List<OrderLine> lines,
            PlacedVia placedVia) {
        this.orderId = orderId;
        this.customerId = customerId;
        this.country = country;
        this.lines = new ArrayList<>(lines);
        this.placedVia = placedVia;
        this.status = placedVia == PlacedVia.SAGA ? OrderStatus.PENDING : OrderStatus.PLACED;
    }

    /** Every line is reserved, and what had to be paid is paid. */
    public void confirm() {
        become(OrderStatus.CONFIRMED);
    }

    /** The stock service has reserved nothing, for this reason. */
    public void reject(String reason) {
        become(OrderStatus.REJECTED);
        this.reason = reason;
    }

    /** The confirmed order is to be cancelled; until that is done, or turned out impossible, nothing else happens to it. */
    public void beginCancelling() {
        become(OrderStatus.CANCELLING);
    }

    /** It could not be cancelled, and is what it was. */
    public void keep() {
        become(OrderStatus.CONFIRMED);
    }

    /** Nothing is left of it, for this reason. */
    public void cancel(String reason) {
        become(OrderStatus.CANCELLED);
        this.reason = reason;
    }

    private void become(OrderStatus next) {
        if (!status.mayBecome(next)) {
            throw new IllegalStateException(
                    "Cannot mark order " + orderId + " " + next + ": it is " + status + "; nothing was changed");
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

    public PlacedVia placedVia() {
        return placedVia;
    }

    public @Nullable String reason() {
        return reason;
    }

    public List<OrderLine> lines() {
        return List.copyOf(lines);
    }
}
