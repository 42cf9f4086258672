package dev.tally.sample.stock.shelf;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/**
 * Stock reserved for a line of an order.
 *
 * <p>Nothing here keeps a line from being reserved twice. That an order has one effect is the work of the inbox, or of
 * the barrier where a saga placed it, and this table is where its failure would show.
 *
 * @since 0.1
 */
@Entity
@Table(name = "reservation")
public class Reservation {

    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "reservation_seq")
    @SequenceGenerator(name = "reservation_seq", allocationSize = 50)
    private @Nullable Long id;

    private String orderId;

    private int lineNo;

    private String sku;

    private int quantity;

    /** For Hibernate, which sets the fields afterwards. */
    @SuppressWarnings("NullAway.Init")
    protected Reservation() {}

    /** A reservation for line {@code lineNo}, counted from 1. */
    public Reservation(String orderId, int lineNo, String sku, int quantity) {
        this.orderId = orderId;
        this.lineNo = lineNo;
        this.sku = sku;
        this.quantity = quantity;
    }

    /** The number of a stored reservation. */
    public @Nullable Long id() {
        return id;
    }

    public String orderId() {
        return orderId;
    }

    public int lineNo() {
        return lineNo;
    }

    public String sku() {
        return sku;
    }

    public int quantity() {
        return quantity;
    }
}
