package dev.tally.shop;

import dev.tally.message.MessageType;
import dev.tally.outbox.change.PublishChanges;
import dev.tally.publish.PublishedMessage;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Embeddable;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.Version;
import java.util.ArrayList;
import java.util.List;
import org.springframework.data.domain.AbstractAggregateRoot;

/** An aggregate that registers its own events, and whose changes are published as well. */
@Entity
@PublishChanges(topic = "${shop.changes}", exclude = "remark")
class ShopOrder extends AbstractAggregateRoot<ShopOrder> {

    @MessageType("shop-order-event")
    @PublishedMessage(topic = "shop-events", key = "#event.orderId", headers = "what=#event.what")
    record Happened(String orderId, String what) {}

    @Id
    String id;

    @Version
    Integer version;

    int total;
    boolean paid;
    String remark;

    @Embedded
    Place place;

    @OneToMany(mappedBy = "order", cascade = CascadeType.ALL, orphanRemoval = true, fetch = FetchType.EAGER)
    List<ShopLine> lines = new ArrayList<>();

    @Embeddable
    record Place(String city, String street) {}

    protected ShopOrder() {}

    ShopOrder(String id, int total) {
        this.id = id;
        this.total = total;
        registerEvent(new Happened(id, "placed"));
    }

    void pay() {
        paid = true;
        registerEvent(new Happened(id, "paid"));
    }
}
