package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.application.Order;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskExecutor;
import org.springframework.modulith.events.ApplicationModuleListener;
import org.springframework.modulith.events.IncompleteEventPublications;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Modulith's event publication registry on JDBC; a module listener is the consumer. */
@Configuration(proxyBeanMethods = false)
class ModulithWiring {

    static final int THREADS = 8;

    private final AtomicBoolean running = new AtomicBoolean();

    @Bean
    ThreadPoolTaskExecutor listenerThreads() {
        ThreadPoolTaskExecutor threads = new ThreadPoolTaskExecutor();
        threads.setCorePoolSize(THREADS);
        threads.setMaxPoolSize(THREADS);
        threads.setThreadNamePrefix("listener-");
        return threads;
    }

    /** What listeners run on. Before the relay is started, they do not, as if the process had died after the commit. */
    @Bean("taskExecutor")
    TaskExecutor taskExecutor(ThreadPoolTaskExecutor listenerThreads) {
        return task -> {
            if (running.get()) {
                listenerThreads.execute(task);
            }
        };
    }

    @Bean
    Orders orders(OrderRows rows, TransactionTemplate transactions, ApplicationEventPublisher events) {
        return new SpringOrders(rows, transactions) {
            @Override
            void publish(Order order) {
                events.publishEvent(order);
            }
        };
    }

    @Bean
    Listener listener(Deliveries deliveries) {
        return new Listener(deliveries);
    }

    /** As the registry does at start-up when it is told to; in a thread, because that returns when all are submitted. */
    @Bean
    Relay relay(IncompleteEventPublications incomplete) {
        return () -> {
            running.set(true);
            Thread thread =
                    new Thread(() -> incomplete.resubmitIncompletePublications(publication -> true), "resubmit");
            thread.setDaemon(true);
            thread.start();
        };
    }

    /** The consumer. */
    static class Listener {

        private final Deliveries deliveries;

        Listener(Deliveries deliveries) {
            this.deliveries = deliveries;
        }

        @ApplicationModuleListener
        public void on(Order order) {
            deliveries.delivered(order.orderId());
        }
    }
}
