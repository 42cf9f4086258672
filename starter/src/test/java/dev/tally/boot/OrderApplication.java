package dev.tally.boot;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.MessageContext;
import dev.tally.message.MessageType;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Id;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** A small application that publishes and consumes with both ways out, over JPA and JdbcTemplate. */
@SpringBootApplication
class OrderApplication {

    @MessageType("order-placed")
    record OrderPlaced(String orderId, int amount) {}

    @Entity(name = "CustomerOrder")
    static class CustomerOrder {

        @Id
        String id;

        int amount;

        protected CustomerOrder() {}

        CustomerOrder(String id, int amount) {
            this.id = id;
            this.amount = amount;
        }
    }

    static class OutOfStockException extends RuntimeException {}

    @Service
    static class Orders {

        private final EntityManager entities;
        private final JdbcTemplate jdbc;
        private final MessagePublisher publisher;

        Orders(EntityManager entities, JdbcTemplate jdbc, MessagePublisher publisher) {
            this.entities = entities;
            this.jdbc = jdbc;
            this.publisher = publisher;
        }

        @TransactionalPublisher(topic = "orders", key = "#result.orderId")
        public OrderPlaced placeThroughOutbox(String id, int amount) {
            return place(id, amount);
        }

        @TransactionalPublisher(topic = "orders", key = "#id", via = Via.HALF_MESSAGE)
        public OrderPlaced placeThroughHalfMessage(String id, int amount) {
            return place(id, amount);
        }

        @TransactionalPublisher(topic = "orders", key = "#id")
        public OrderPlaced failAfterPlacing(String id) {
            publisher.publish("orders", id, place(id, 1));
            throw new OutOfStockException();
        }

        @TransactionalPublisher(topic = "orders", key = "#id", via = Via.HALF_MESSAGE)
        public OrderPlaced failTheCommit(String id) {
            entities.persist(new CustomerOrder("taken", 1));
            return new OrderPlaced(id, 1);
        }

        @Transactional
        public void take(String id) {
            entities.persist(new CustomerOrder(id, 0));
        }

        private OrderPlaced place(String id, int amount) {
            entities.persist(new CustomerOrder(id, amount));
            jdbc.update("INSERT INTO audit (order_id) VALUES (?)", id);
            return new OrderPlaced(id, amount);
        }
    }

    @Component
    static class Stock {

        final List<String> seen = new CopyOnWriteArrayList<>();
        private final JdbcTemplate jdbc;

        Stock(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        @IdempotentConsumer(topic = "orders", group = "stock")
        public void reserve(OrderPlaced order, MessageContext context) {
            seen.add(order.orderId());
            jdbc.update(
                    "INSERT INTO reserved (order_id, message_id) VALUES (?, ?)",
                    order.orderId(),
                    context.id().value());
        }
    }
}
