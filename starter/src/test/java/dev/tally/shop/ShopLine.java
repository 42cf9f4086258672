package dev.tally.shop;

import dev.tally.outbox.change.PublishChanges;
import jakarta.persistence.ConstraintMode;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.ForeignKey;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.ManyToOne;
import org.hibernate.annotations.SoftDelete;

/** A part of an order, stored and deleted with it; deleted ones stay in the table. In order with the order itself. */
@Entity
@SoftDelete
@PublishChanges(topic = "${shop.changes}", key = "order")
class ShopLine {

    @Id
    @GeneratedValue(strategy = GenerationType.SEQUENCE)
    Long id;

    /** Without a constraint: the rows of deleted lines outlive their order. */
    @ManyToOne(fetch = FetchType.LAZY)
    @JoinColumn(foreignKey = @ForeignKey(ConstraintMode.NO_CONSTRAINT))
    ShopOrder order;

    String what;

    protected ShopLine() {}

    ShopLine(ShopOrder order, String what) {
        this.order = order;
        this.what = what;
    }
}
