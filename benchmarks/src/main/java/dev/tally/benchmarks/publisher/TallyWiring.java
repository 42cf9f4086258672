package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.transaction.support.TransactionTemplate;

/** Our outbox, as the starter sets it up. */
final class TallyWiring {

    static final String POISONED_KEY = "bench.poisoned-key";
    static final String CONFIRM_AFTER = "bench.confirm-after";

    private TallyWiring() {}

    /** The sink for a broker, and the starter's relay. */
    @Configuration(proxyBeanMethods = false)
    static class Sink {

        @Bean
        Transport sinkTransport(Deliveries deliveries, Environment environment) {
            return new SinkTransport(
                    deliveries,
                    environment.getProperty(POISONED_KEY, ""),
                    environment.getProperty(CONFIRM_AFTER, Duration.class, Duration.ZERO));
        }

        /** The starter's relay is part of the application's life. */
        @Bean
        Relay relay(ConfigurableApplicationContext context) {
            return context::start;
        }
    }

    /** Each order under its customer's key. */
    @Configuration(proxyBeanMethods = false)
    static class Keyed {

        @Bean
        KeyedOrders keyedOrders(OrderRows rows) {
            return new KeyedOrders(rows);
        }

        @Bean
        Orders orders(AnnotatedOrders annotated, TransactionTemplate transactions) {
            return ordersOf(annotated, transactions);
        }
    }

    /** Without keys. */
    @Configuration(proxyBeanMethods = false)
    static class Unkeyed {

        @Bean
        UnkeyedOrders unkeyedOrders(OrderRows rows) {
            return new UnkeyedOrders(rows);
        }

        @Bean
        Orders orders(AnnotatedOrders annotated, TransactionTemplate transactions) {
            return ordersOf(annotated, transactions);
        }
    }

    private static Orders ordersOf(AnnotatedOrders annotated, TransactionTemplate transactions) {
        return new Orders() {
            @Override
            public void place(Order order) {
                var unused = annotated.place(order);
            }

            @Override
            public void placeAll(List<Order> orders) {
                transactions.executeWithoutResult(status -> orders.forEach(this::place));
            }
        };
    }
}
