package dev.tally.testkit;

import io.namastack.outbox.Outbox;
import io.namastack.outbox.annotation.OutboxHandler;
import io.namastack.outbox.handler.OutboxRecordMetadata;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.sql.DataSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;

/** An instance of a service with namastack-outbox: it schedules, polls, writes heartbeats; its broker can be down. */
final class NamastackInstance implements AutoCloseable {

    static final String BROKER_HANDLER = "dev.tally.testkit.NamastackInstance$ToBroker#*";

    private static final List<String> CONFIGURATIONS = List.of(
            "org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration",
            "org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration",
            "io.namastack.outbox.OutboxJacksonAutoConfiguration",
            "io.namastack.outbox.config.JdbcOutboxSchemaAutoConfiguration",
            "io.namastack.outbox.config.JdbcOutboxAutoConfiguration",
            "io.namastack.outbox.config.OutboxCoreInfrastructureAutoConfiguration",
            "io.namastack.outbox.config.OutboxCoreThreadingAutoConfiguration",
            "io.namastack.outbox.config.OutboxCoreProcessingAutoConfiguration",
            "io.namastack.outbox.config.OutboxCoreSchedulingAutoConfiguration");

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    record OrderPlaced(String orderId) {}

    NamastackInstance(DataSource dataSource, boolean brokerIsUp, int retries) {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "test",
                        Map.of(
                                "namastack.outbox.polling.fixed.interval",
                                "100ms",
                                "namastack.outbox.retry.max-retries",
                                retries,
                                "namastack.outbox.retry.policy",
                                "fixed",
                                "namastack.outbox.retry.fixed.delay",
                                "100ms",
                                "namastack.outbox.instance.heartbeat-interval",
                                "200ms",
                                "namastack.outbox.instance.rebalance-interval",
                                "200ms",
                                "namastack.outbox.jdbc.schema-initialization.enabled",
                                true)));
        context.registerBean(DataSource.class, () -> dataSource, definition -> definition.setDestroyMethodName(""));
        context.registerBean(PlatformTransactionManager.class, () -> new DataSourceTransactionManager(dataSource));
        context.registerBean(ToBroker.class, () -> new ToBroker(brokerIsUp));
        context.register(Transactions.class);
        for (String name : CONFIGURATIONS) {
            context.register(ClassUtils.resolveClassName(name, NamastackInstance.class.getClassLoader()));
        }
        context.refresh();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class Transactions {}

    /** The handler that sends; it fails while the broker is down. */
    static class ToBroker {

        private final boolean brokerIsUp;
        private final List<String> sent = new CopyOnWriteArrayList<>();

        ToBroker(boolean brokerIsUp) {
            this.brokerIsUp = brokerIsUp;
        }

        @OutboxHandler
        public void send(OrderPlaced event, OutboxRecordMetadata metadata) {
            if (!brokerIsUp) {
                throw new IllegalStateException("the broker does not answer");
            }
            sent.add(event.orderId());
        }
    }

    void schedule(String key, String orderId, Map<String, String> context) {
        TransactionTemplate transactions =
                new TransactionTemplate(this.context.getBean(PlatformTransactionManager.class));
        Outbox outbox = this.context.getBean(Outbox.class);
        transactions.executeWithoutResult(status -> outbox.schedule(new OrderPlaced(orderId), key, context));
    }

    List<String> sent() {
        return context.getBean(ToBroker.class).sent;
    }

    @Override
    public void close() {
        context.close();
    }
}
