package dev.tally.benchmarks.publisher;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/** Rows alone. */
@Configuration(proxyBeanMethods = false)
class RowWiring {

    @Bean
    Orders orders(OrderRows rows, TransactionTemplate transactions) {
        return new RowOrders(rows, transactions);
    }

    @Bean
    Relay relay() {
        return () -> {};
    }
}
