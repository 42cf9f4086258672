package dev.tally.shop;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.message.PayloadCodec;
import dev.tally.outbox.change.EntityChange;
import dev.tally.outbox.change.EntityChangeReader;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.event.TransactionPhase;
import org.springframework.transaction.event.TransactionalEventListener;

/** Repositories publish what aggregates register; consumers hear of it, and of what was written. */
@SpringBootApplication
class ShopApplication {

    static final class Refused extends RuntimeException {}

    @Bean
    EntityChangeReader changes(PayloadCodec codec) {
        return new EntityChangeReader(codec);
    }

    @Component
    static class Desk {

        private final ShopOrders orders;

        Desk(ShopOrders orders) {
            this.orders = orders;
        }

        @Transactional
        public void placeAndPay(String id) {
            ShopOrder order = orders.save(new ShopOrder(id, 5));
            order.pay();
            orders.save(order);
        }

        @Transactional
        public void placeAndFail(String id) {
            orders.save(new ShopOrder(id, 5));
            throw new Refused();
        }

        /** Called last of all before the commit, when messages have been handed over. */
        @TransactionalEventListener(phase = TransactionPhase.BEFORE_COMMIT)
        public void changeLate(ShopOrder.Happened event) {
            if (event.orderId().startsWith("late-")) {
                orders.findById(event.orderId()).ifPresent(order -> order.total++);
            }
        }
    }

    @Component
    static class Watcher {

        final List<Object> seen = new CopyOnWriteArrayList<>();

        @IdempotentConsumer(topic = "shop-events", group = "event-watchers")
        public void happened(ShopOrder.Happened event) {
            seen.add(event);
        }

        @IdempotentConsumer(topic = "shop-changes", group = "change-watchers")
        public void changed(EntityChange change) {
            seen.add(change);
        }
    }
}
