package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import io.namastack.outbox.Outbox;
import io.namastack.outbox.handler.OutboxRecordMetadata;
import io.namastack.outbox.handler.OutboxTypedHandler;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.support.TransactionTemplate;

/** namastack-outbox on JDBC, each order under its customer's key; a typed handler is the consumer. */
@Configuration(proxyBeanMethods = false)
class NamastackWiring {

    static final List<String> PROPERTIES = List.of(
            "namastack.outbox.polling.trigger=fixed",
            "namastack.outbox.polling.fixed.interval=25ms",
            "namastack.outbox.polling.batch-size=800",
            "namastack.outbox.processing.executor-core-pool-size=8",
            "namastack.outbox.processing.executor-max-pool-size=8",
            "namastack.outbox.processing.delete-completed-records=true",
            "namastack.outbox.instance.heartbeat-interval=1s",
            "namastack.outbox.instance.stale-instance-timeout=3s",
            "namastack.outbox.instance.rebalance-interval=1000",
            "namastack.outbox.multicaster.enabled=false");

    @Bean
    Orders orders(OrderRows rows, TransactionTemplate transactions, Outbox outbox) {
        return new SpringOrders(rows, transactions) {
            @Override
            void publish(Order order) {
                outbox.schedule(order, order.customer());
            }
        };
    }

    @Bean
    Handler handler(Deliveries deliveries) {
        return new Handler(deliveries);
    }

    @Bean
    Relay relay(ConfigurableApplicationContext context) {
        return context::start;
    }

    /** The consumer. */
    static class Handler implements OutboxTypedHandler<Order> {

        private final Deliveries deliveries;

        Handler(Deliveries deliveries) {
            this.deliveries = deliveries;
        }

        @Override
        public void handle(Order order, OutboxRecordMetadata metadata) {
            deliveries.delivered(order.orderId());
        }
    }
}
