package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testing.TestDatabase;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import tools.jackson.databind.json.JsonMapper;

class IdempotentConsumerRegistryTest {

    record Placed(String order) {}

    interface Event {}

    static final class FakeTransport implements Transport {

        final Map<Subscription, BatchHandler> subscribed = new LinkedHashMap<>();
        final List<Subscription> closed = new ArrayList<>();
        Set<Capability> capabilities = Set.of(Capability.KEY_ORDER);
        String refusedTopic;

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public Set<Capability> capabilities() {
            return capabilities;
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return List.of();
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            if (subscription.topic().equals(refusedTopic)) {
                throw new TransportException("no such topic");
            }
            subscribed.put(subscription, handler);
            return () -> closed.add(subscription);
        }

        @Override
        public void close() {}
    }

    static class Stock {

        final List<Object> handled = new ArrayList<>();

        @IdempotentConsumer(topic = "${topics.orders}", group = "stock", concurrency = 2, maxAttempts = 3)
        @Transactional(propagation = Propagation.MANDATORY)
        public void on(Placed placed) {
            handled.add(placed);
        }

        @IdempotentConsumer(topic = "${topics.orders}", group = "audit", tags = "a || b", ordered = false)
        void on(Placed placed, MessageContext context) {
            handled.add(context.id());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Infrastructure {

        @Bean(destroyMethod = "close")
        TestDatabase database() {
            return TestDatabase.h2();
        }

        @Bean
        PlatformTransactionManager transactionManager(TestDatabase database) {
            return database.transactions();
        }

        @Bean
        FakeTransport transport() {
            return new FakeTransport();
        }

        @Bean
        IdempotentConsumerRegistry registry(
                ConfigurableListableBeanFactory beanFactory, Transport transport, TestDatabase database) {
            return new IdempotentConsumerRegistry(
                    beanFactory,
                    transport,
                    ConsumeParts.of(
                            new JdbcInboxStore(database.dataSource(), database.transactions(), database.dialect()),
                            database.transactions(),
                            new JacksonPayloadCodec(new JsonMapper()),
                            () -> Instant.EPOCH),
                    SubscriptionCustomizer.NONE);
        }
    }

    static class Orderless extends Infrastructure {

        @Bean
        @Override
        FakeTransport transport() {
            FakeTransport transport = new FakeTransport();
            transport.capabilities = Set.of();
            return transport;
        }
    }

    static class Refusing extends Infrastructure {

        @Bean
        @Override
        FakeTransport transport() {
            FakeTransport transport = new FakeTransport();
            transport.refusedTopic = "z";
            return transport;
        }
    }

    private static AnnotationConfigApplicationContext start(Class<?>... classes) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test", Map.of("topics.orders", "orders")));
        context.register(classes);
        context.refresh();
        return context;
    }

    private static ReceivedMessage message(String id) {
        return message(id, "1");
    }

    private static ReceivedMessage message(String id, String order) {
        return new ReceivedMessage(
                new Message(
                        new MessageId(id),
                        Destination.topic("orders"),
                        null,
                        "Placed",
                        Headers.empty(),
                        ("{\"order\":\"" + order + "\"}").getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                1);
    }

    @Test
    void subscribesAnnotatedMethodsThroughTheirProxyAndClosesThemAtTheEnd() throws Exception {
        FakeTransport transport;
        try (AnnotationConfigApplicationContext context = start(Infrastructure.class, Stock.class)) {
            transport = context.getBean(FakeTransport.class);
            assertThat(transport.subscribed.keySet())
                    .containsExactlyInAnyOrder(
                            new Subscription("orders", "stock", "*", 2, true, 3),
                            new Subscription("orders", "audit", "a || b", 4, false, 16));

            for (BatchHandler handler : transport.subscribed.values()) {
                assertThat(handler.handle(List.of(message("m1")))).containsExactly(new DeliveryOutcome.Delivered());
                assertThat(handler.handle(List.of(message("m1")))).containsExactly(new DeliveryOutcome.Delivered());
            }
            Stock target = (Stock) ((org.springframework.aop.framework.Advised) context.getBean(Stock.class))
                    .getTargetSource()
                    .getTarget();
            assertThat(target.handled).containsExactlyInAnyOrder(new Placed("1"), new MessageId("m1"));
            assertThat(transport.closed).isEmpty();
        }
        assertThat(transport.closed).hasSize(2);
    }

    static class Together {

        final List<Object> handled = new ArrayList<>();

        @IdempotentConsumer(topic = "orders", group = "together")
        void on(List<Placed> placed, List<MessageContext> contexts) {
            if (placed.size() > 1 && placed.contains(new Placed("bad"))) {
                throw new IllegalStateException("not together");
            }
            handled.add(placed.size() + " of "
                    + contexts.stream().map(context -> context.id().value()).toList());
        }

        @IdempotentConsumer(topic = "orders", group = "headers")
        void on(Placed placed, Headers headers, MessageContext context) {
            handled.add(headers.asMap() + " of " + context.id());
        }
    }

    @Test
    void handlersMayTakeAllPayloadsOfABatchOrHeaders() {
        try (AnnotationConfigApplicationContext context = start(Infrastructure.class, Together.class)) {
            Map<Subscription, BatchHandler> subscribed = context.getBean(FakeTransport.class).subscribed;
            Together together = context.getBean(Together.class);
            subscribed.forEach((subscription, handler) -> {
                if (subscription.group().equals("headers")) {
                    handler.handle(List.of(message("m0")));
                } else {
                    handler.handle(List.of(message("m1"), message("m2")));
                    handler.handle(List.of(message("m2"), message("m3"), message("m4")));
                    handler.handle(List.of(message("m5"), message("m6", "bad")));
                }
            });

            assertThat(together.handled)
                    .containsExactlyInAnyOrder("{} of m0", "2 of [m1, m2]", "2 of [m3, m4]", "1 of [m5]", "1 of [m6]");
        }
    }

    @Test
    void canBeStoppedAndStartedAgain() {
        try (AnnotationConfigApplicationContext context = start(Infrastructure.class, Stock.class)) {
            IdempotentConsumerRegistry registry = context.getBean(IdempotentConsumerRegistry.class);
            FakeTransport transport = context.getBean(FakeTransport.class);
            registry.stop();
            registry.stop();
            assertThat(registry.isRunning()).isFalse();
            assertThat(transport.closed).hasSize(2);
            registry.start();
            registry.start();
            assertThat(registry.isRunning()).isTrue();
            registry.stop();
            assertThat(transport.closed).hasSize(4);
        }
    }

    static class Broken {

        @IdempotentConsumer(topic = "t", group = "g1")
        void none() {}

        @IdempotentConsumer(topic = "t", group = "g2")
        void wrongOrder(MessageContext context, Placed placed) {}

        @IdempotentConsumer(topic = "t", group = "g3")
        private void hidden(Placed placed) {}

        @IdempotentConsumer(topic = "t", group = "g4", concurrency = 0, maxAttempts = 0)
        void limits(Placed placed) {}

        @IdempotentConsumer(topic = "t", group = "g4")
        void again(Placed placed) {}

        @IdempotentConsumer(topic = " ", group = "")
        void blank(Placed placed) {}

        @IdempotentConsumer(topic = "t", group = "g5")
        void open(Event event) {}

        @IdempotentConsumer(topic = "t", group = "g6")
        CompletableFuture<Void> later(Placed placed) {
            return null;
        }

        @Transactional
        @IdempotentConsumer(topic = "t", group = "g7")
        public final void closed(Placed placed) {}

        @Transactional
        public void makesItAProxy() {}
    }

    @Test
    void startUpListsAllMethodsThatCannotWork() {
        assertThatExceptionOfType(InvalidConsumerException.class)
                .isThrownBy(() -> start(Infrastructure.class, Broken.class))
                .withMessageContaining("11 faults")
                .withMessageContaining("Broken.none: its parameters must be")
                .withMessageContaining("Broken.wrongOrder: its parameters must be")
                .withMessageContaining("Broken.hidden: it is private")
                .withMessageContaining("Broken.limits: its concurrency is 0")
                .withMessageContaining("Broken.limits: its maxAttempts is 0")
                .withMessageContaining("topic 't' and group 'g4'")
                .withMessageContaining("Broken.blank: its topic is blank")
                .withMessageContaining("Broken.blank: its group is blank")
                .withMessageContaining("Broken.open: its payload Event is abstract")
                .withMessageContaining("Broken.later: it returns a CompletableFuture")
                .withMessageContaining("Broken.closed: it is final");
    }

    @Test
    void startUpFailsWhenTheTransportCannotKeepTheOrderThatIsAskedFor() {
        assertThatExceptionOfType(InvalidConsumerException.class)
                .isThrownBy(() -> start(Orderless.class, Stock.class))
                .withMessageContaining("1 faults")
                .withMessageContaining("transport 'fake' has no KEY_ORDER");
    }

    static class TwoTopics {

        @IdempotentConsumer(topic = "a", group = "g")
        void a(Placed placed) {}

        @IdempotentConsumer(topic = "z", group = "g")
        void z(Placed placed) {}
    }

    @Test
    void aSubscriptionThatFailsTakesTheOthersWithIt() {
        List<FakeTransport> transports = new ArrayList<>();
        assertThatThrownBy(() -> {
                    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
                    context.register(Refusing.class, TwoTopics.class);
                    context.addBeanFactoryPostProcessor(factory -> factory.addBeanPostProcessor(
                            new org.springframework.beans.factory.config.BeanPostProcessor() {
                                @Override
                                public Object postProcessAfterInitialization(Object bean, String name) {
                                    if (bean instanceof FakeTransport transport) {
                                        transports.add(transport);
                                    }
                                    return bean;
                                }
                            }));
                    context.refresh();
                })
                .hasRootCauseInstanceOf(TransportException.class);

        FakeTransport transport = transports.get(0);
        assertThat(transport.closed).containsExactlyInAnyOrderElementsOf(transport.subscribed.keySet());
    }
}
