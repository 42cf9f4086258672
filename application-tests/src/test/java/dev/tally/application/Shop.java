package dev.tally.application;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.TransactionalPublisher;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/** Takes orders and reserves what is ordered. Names no broker. */
@Service
public class Shop {

    /** One after the other for each customer. */
    public record Placed(String customer, int number) {}

    private final JdbcTemplate jdbc;
    private final MessagePublisher publisher;
    private final AtomicInteger refusals = new AtomicInteger();

    public Shop(JdbcTemplate jdbc, MessagePublisher publisher) {
        this.jdbc = jdbc;
        this.publisher = publisher;
    }

    /** How often a handler has refused an order. */
    public int refusals() {
        return refusals.get();
    }

    @TransactionalPublisher(topic = "orders", key = "#customer")
    public Placed place(String customer, int number) {
        jdbc.update("INSERT INTO placed (customer, number) VALUES (?, ?)", customer, number);
        return new Placed(customer, number);
    }

    /** The same, and then the transaction does not come to its end. */
    @Transactional
    public void placeInVain(String customer, int number) {
        jdbc.update("INSERT INTO placed (customer, number) VALUES (?, ?)", customer, number);
        publisher.publish("orders", customer, new Placed(customer, number));
        throw new IllegalStateException("rolled back by the test");
    }

    @IdempotentConsumer(topic = "orders", group = "stock", deadLetterFor = IllegalArgumentException.class)
    public void reserve(Placed placed) {
        jdbc.update("INSERT INTO reserved (customer, number) VALUES (?, ?)", placed.customer(), placed.number());
        if (placed.number() < 0) {
            refusals.incrementAndGet();
            throw new IllegalArgumentException("there is no order " + placed.number());
        }
    }
}
