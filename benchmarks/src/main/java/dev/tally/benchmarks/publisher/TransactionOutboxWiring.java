package dev.tally.benchmarks.publisher;

import com.gruelbox.transactionoutbox.Dialect;
import com.gruelbox.transactionoutbox.Instantiator;
import com.gruelbox.transactionoutbox.Persistor;
import com.gruelbox.transactionoutbox.Submitter;
import com.gruelbox.transactionoutbox.ThreadLocalContextTransactionManager;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import dev.tally.benchmarks.application.Order;
import dev.tally.benchmarks.figure.BenchmarkException;
import dev.tally.benchmarks.time.Timing;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

/** transaction-outbox with its own transactions: a call of the consumer for each order, and a thread that flushes. */
@Configuration(proxyBeanMethods = false)
class TransactionOutboxWiring {

    static final int THREADS = 8;
    static final int QUEUED = 16_384;
    static final Duration ATTEMPTS = Duration.ofSeconds(10);
    static final Duration FLUSHES = Duration.ofMillis(100);

    /** The consumer, as it is called. */
    interface OrderSink {
        void deliver(long orderId, String customer, long cents, String note);
    }

    @Bean
    ThreadPoolTaskExecutor submitterThreads() {
        ThreadPoolTaskExecutor threads = new ThreadPoolTaskExecutor();
        threads.setCorePoolSize(THREADS);
        threads.setMaxPoolSize(THREADS);
        threads.setQueueCapacity(QUEUED);
        threads.setThreadNamePrefix("submitter-");
        return threads;
    }

    @Bean
    ThreadLocalContextTransactionManager outboxTransactions(DataSource dataSource) {
        return TransactionManager.fromDataSource(dataSource);
    }

    /** Before the relay is started, nothing is submitted, as if the process had died after the commit. */
    @Bean
    TransactionOutbox transactionOutbox(
            ThreadLocalContextTransactionManager outboxTransactions,
            ThreadPoolTaskExecutor submitterThreads,
            Deliveries deliveries,
            FlushRelay relay) {
        OrderSink sink = (orderId, customer, cents, note) -> deliveries.delivered(orderId);
        Submitter submitter = Submitter.withExecutor(submitterThreads);
        return TransactionOutbox.builder()
                .transactionManager(outboxTransactions)
                .persistor(Persistor.forDialect(Dialect.POSTGRESQL_9))
                .instantiator(Instantiator.using(type -> sink))
                .submitter((entry, process) -> {
                    if (relay.isRunning()) {
                        submitter.submit(entry, process);
                    }
                })
                .attemptFrequency(ATTEMPTS)
                .build();
    }

    @Bean
    FlushRelay relay() {
        return new FlushRelay();
    }

    @Bean
    Loop loop(TransactionOutbox outbox, FlushRelay relay, Timing timing) {
        Loop loop = new Loop("flush", () -> {
            if (!outbox.flush()) {
                timing.pause(FLUSHES);
            }
        });
        relay.starts(loop);
        return loop;
    }

    /** Flushes from when it is started. */
    static class FlushRelay implements Relay {

        private volatile @Nullable Loop loop;

        void starts(Loop flushing) {
            loop = flushing;
        }

        boolean isRunning() {
            Loop flushing = loop;
            return flushing != null && flushing.isRunning();
        }

        @Override
        public void start() {
            Loop flushing = loop;
            if (flushing != null) {
                flushing.start();
            }
        }
    }

    @Bean
    Orders orders(ThreadLocalContextTransactionManager outboxTransactions, TransactionOutbox outbox, Commits commits) {
        return new Orders() {
            @Override
            public void place(Order order) {
                placeAll(List.of(order));
            }

            @Override
            public void placeAll(List<Order> orders) {
                outboxTransactions.inTransaction(() -> orders.forEach(this::placeWithin));
            }

            private void placeWithin(Order order) {
                outboxTransactions.requireTransaction(transaction -> {
                    transaction.addPostCommitHook(() -> commits.note(order.orderId()));
                    try {
                        JdbcOrders.insert(transaction.connection(), order);
                    } catch (SQLException e) {
                        throw new BenchmarkException("order " + order.orderId() + " was not placed", e);
                    }
                    outbox.schedule(OrderSink.class)
                            .deliver(order.orderId(), order.customer(), order.cents(), order.note());
                });
            }
        };
    }
}
