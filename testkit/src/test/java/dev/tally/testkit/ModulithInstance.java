package dev.tally.testkit;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.modulith.events.EventExternalizationConfiguration;
import org.springframework.modulith.events.IncompleteEventPublications;
import org.springframework.modulith.events.config.EventExternalizationAutoConfiguration;
import org.springframework.modulith.events.support.EventExternalizationTransport;
import org.springframework.modulith.events.support.EventExternalizerModuleListener;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;

/** An instance of a service with Spring Modulith's registry: real events, real listeners, a broker that can be down. */
final class ModulithInstance implements AutoCloseable {

    /** The listener that hands events to the broker, by its id in the registry. */
    static final String BROKER_LISTENER = "dev.tally.testkit.ModulithInstance$ToBroker.*";

    private static final String PACKAGE = "org.springframework.modulith.events.";
    private static final List<String> CONFIGURATIONS = List.of(
            PACKAGE + "config.EventPublicationConfiguration",
            PACKAGE + "jackson.JacksonEventSerializationConfiguration",
            PACKAGE + "jdbc.JdbcEventPublicationAutoConfiguration",
            PACKAGE + "jdbc.JdbcEventPublicationAutoConfiguration$JdbcEventPublicationSchemaCreationAutoConfiguration");

    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    record OrderPlaced(String orderId) {}

    record OrderShipped(String orderId) {}

    ModulithInstance(DataSource dataSource, String completionMode, boolean legacy) {
        this(dataSource, completionMode, legacy, context -> context.register(ToBroker.class, InProcess.class));
    }

    /** One whose events are externalized by Modulith itself; the broker never answers. */
    static ModulithInstance externalizing(DataSource dataSource) {
        EventExternalizationConfiguration placed = EventExternalizationConfiguration.externalizing()
                .selectByType(OrderPlaced.class)
                .build();
        EventExternalizationTransport down = (event, target) ->
                CompletableFuture.failedFuture(new IllegalStateException("the broker does not answer"));
        return new ModulithInstance(dataSource, "update", false, context -> {
            context.registerBean(EventExternalizationConfiguration.class, () -> placed);
            context.registerBean(
                    EventExternalizerModuleListener.class, () -> new EventExternalizerModuleListener(placed, down));
            context.register(EventExternalizationAutoConfiguration.class);
        });
    }

    /** One of the new version: it has given up the broker's listener, and keeps those in the process. */
    static ModulithInstance withoutBroker(DataSource dataSource) {
        return new ModulithInstance(dataSource, "update", false, context -> context.register(InProcess.class));
    }

    private ModulithInstance(
            DataSource dataSource,
            String completionMode,
            boolean legacy,
            Consumer<AnnotationConfigApplicationContext> listeners) {
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource(
                        "test",
                        Map.of(
                                "spring.modulith.events.completion-mode",
                                completionMode.toUpperCase(Locale.ROOT),
                                "spring.modulith.events.jdbc.use-legacy-structure",
                                legacy,
                                "spring.modulith.events.jdbc.schema-initialization.enabled",
                                true)));
        context.registerBean(DataSource.class, () -> dataSource, definition -> definition.setDestroyMethodName(""));
        context.registerBean(JdbcTemplate.class, () -> new JdbcTemplate(dataSource));
        context.registerBean(PlatformTransactionManager.class, () -> new DataSourceTransactionManager(dataSource));
        context.register(Transactions.class);
        listeners.accept(context);
        for (String name : CONFIGURATIONS) {
            context.register(ClassUtils.resolveClassName(name, ModulithInstance.class.getClassLoader()));
        }
        context.refresh();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Transactions {}

    /** Fails for orders that are to fail. */
    static class ToBroker {

        final Set<String> failing = ConcurrentHashMap.newKeySet();
        final List<String> sent = new CopyOnWriteArrayList<>();

        @TransactionalEventListener
        public void placed(OrderPlaced event) {
            send(event.orderId());
        }

        @TransactionalEventListener
        public void shipped(OrderShipped event) {
            send(event.orderId());
        }

        void send(String orderId) {
            if (failing.contains(orderId)) {
                throw new IllegalStateException("the broker does not answer");
            }
            sent.add(orderId);
        }
    }

    /** A listener that has nothing to do with a broker, and always fails. */
    static class InProcess {

        @TransactionalEventListener
        public void placed(OrderPlaced event) {
            throw new IllegalStateException("cannot be handled here");
        }
    }

    /** Publishes in a transaction that commits; the broker takes the event, or not. */
    void publish(Object event, boolean brokerTakes, String orderId) {
        Set<String> failing = failing();
        if (!brokerTakes) {
            failing.add(orderId);
        }
        publish(event);
        failing.remove(orderId);
    }

    /** Publishes in a transaction that commits. */
    void publish(Object event) {
        TransactionTemplate transactions = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        ApplicationEventPublisher publisher = context;
        transactions.executeWithoutResult(status -> publisher.publishEvent(event));
    }

    void place(String orderId, boolean brokerTakes) {
        publish(new OrderPlaced(orderId), brokerTakes, orderId);
    }

    private Set<String> failing() {
        return broker().failing;
    }

    private ToBroker broker() {
        // The bean is a proxy, whose fields are its own.
        Object target = AopProxyUtils.getSingletonTarget(context.getBean(ToBroker.class));
        return (ToBroker) Objects.requireNonNull(target);
    }

    List<String> sent() {
        return broker().sent;
    }

    /** As an instance does that is told to try again. */
    void resubmit() {
        context.getBean(IncompleteEventPublications.class).resubmitIncompletePublications(publication -> true);
    }

    @Override
    public void close() {
        context.close();
    }
}
