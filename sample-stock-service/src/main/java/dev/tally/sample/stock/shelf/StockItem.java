package dev.tally.sample.stock.shelf;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

/**
 * How much of a product there is.
 *
 * @since 0.1
 */
@Entity
@Table(name = "stock_item")
public class StockItem {

    @Id
    private String sku;

    private long onHand;

    private long reserved;

    /** Also tells Spring Data that an item with a code of its own is new, which saves a select. */
    @Version
    private @Nullable Long version;

    /** For Hibernate, which sets the fields afterwards. */
    @SuppressWarnings("NullAway.Init")
    protected StockItem() {}

    /** A product of which {@code onHand} pieces are there, none of them reserved. */
    public StockItem(String sku, long onHand) {
        this.sku = sku;
        this.onHand = onHand;
    }

    /** Takes {@code quantity} pieces out of what is available. The caller holds the row's lock. */
    public void reserve(long quantity) {
        if (quantity > available()) {
            throw new IllegalArgumentException(
                    "Cannot reserve " + quantity + " of " + sku + ": " + available() + " are available");
        }
        reserved += quantity;
    }

    /** Gives back {@code quantity} reserved pieces. The caller holds the row's lock. */
    public void release(long quantity) {
        if (quantity > reserved) {
            throw new IllegalArgumentException(
                    "Cannot give back " + quantity + " of " + sku + ": " + reserved + " are reserved");
        }
        reserved -= quantity;
    }

    public String sku() {
        return sku;
    }

    public long onHand() {
        return onHand;
    }

    public long reserved() {
        return reserved;
    }

    public long available() {
        return onHand - reserved;
    }
}
