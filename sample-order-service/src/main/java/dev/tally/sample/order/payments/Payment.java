package dev.tally.sample.order.payments;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.SequenceGenerator;
import jakarta.persistence.Table;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Money that went one way or the other.
 *
 * <p>Nothing here keeps an order from being charged twice. That a command has one effect is the work of the participant's
 * barrier, and this table is where its failure would show.
 *
 * @since 0.1
 */
@Entity
@Table(name = "payment")
public class Payment {

    /** Which way. */
    public enum Kind {
        /** From the customer. */
        CHARGE,
        /** Back to the customer. */
        REFUND
    }

    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE, generator = "payment_seq")
    @SequenceGenerator(name = "payment_seq", allocationSize = 50)
    private @Nullable Long id;

    private String orderId;

    @Enumerated(EnumType.STRING)
    private Kind kind;

    private BigDecimal amount;

    /** For Hibernate, which sets the fields afterwards. */
    @SuppressWarnings("NullAway.Init")
    protected Payment() {}

    /** So much, that way. */
    public Payment(String orderId, Kind kind, BigDecimal amount) {
        this.orderId = orderId;
        this.kind = kind;
        this.amount = amount;
    }

    /** The number of a stored payment. */
    public @Nullable Long id() {
        return id;
    }

    public String orderId() {
        return orderId;
    }

    public Kind kind() {
        return kind;
    }

    public BigDecimal amount() {
        return amount;
    }
}
