package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

class TransactionalPublisherAdvisorTest {

    record Placed(String orderId, int quantity) {}

    static class Orders {

        String attributes;

        @TransactionalPublisher(topic = "orders", key = "#result.orderId", tag = "new")
        public Placed place(String id, int quantity) {
            attributes = attributes();
            return quantity == 0 ? null : new Placed(id, quantity);
        }

        @TransactionalPublisher(topic = "orders", key = "#id + '-' + #quantity", via = Via.HALF_MESSAGE)
        public Placed placeByArguments(String id, int quantity) {
            return new Placed(id, quantity);
        }

        @TransactionalPublisher(topic = "orders")
        public Placed failChecked() throws IOException {
            throw new IOException("checked");
        }

        @TransactionalPublisher(topic = "orders")
        @Transactional(timeout = 33, propagation = Propagation.REQUIRES_NEW)
        public Placed ownAttributes() {
            attributes = attributes();
            return new Placed("own", 1);
        }

        @TransactionalPublisher(topic = "orders")
        @Transactional(readOnly = true)
        public Placed readOnly() {
            return new Placed("read", 1);
        }

        @TransactionalPublisher(topic = "orders")
        @Transactional(propagation = Propagation.SUPPORTS)
        public Placed supports() {
            return new Placed("supports", 1);
        }
    }

    @Transactional(isolation = org.springframework.transaction.annotation.Isolation.SERIALIZABLE)
    static class ClassLevelOrders extends Orders {

        @Override
        @TransactionalPublisher(topic = "orders")
        public Placed place(String id, int quantity) {
            return super.place(id, quantity);
        }

        @Override
        @TransactionalPublisher(topic = "orders")
        @Transactional
        public Placed ownAttributes() {
            attributes = attributes();
            return new Placed("own", 1);
        }
    }

    static String attributes() {
        return "active=" + TransactionSynchronizationManager.isActualTransactionActive() + " isolation="
                + TransactionSynchronizationManager.getCurrentTransactionIsolationLevel();
    }

    static class Infrastructure {

        final RecordingPath outbox = new RecordingPath();
        final RecordingPath half = new RecordingPath();
        final List<Message> messages = new ArrayList<>();

        @Bean(destroyMethod = "close")
        TestDatabase database() {
            return TestDatabase.h2();
        }

        @Bean
        DataSource dataSource(TestDatabase database) {
            return database.dataSource();
        }

        @Bean
        PlatformTransactionManager transactionManager(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }

        @Bean
        MessagePublisher publisher(DataSource dataSource) {
            AtomicInteger counter = new AtomicInteger();
            return new TransactionalMessagePublisher(
                    new JacksonPayloadCodec(new JsonMapper()),
                    () -> new MessageId("m" + counter.incrementAndGet()),
                    dataSource,
                    Map.of(Via.OUTBOX, outbox, Via.HALF_MESSAGE, half),
                    List.of(),
                    new PublishListener() {
                        @Override
                        public void published(Message message, Via via) {
                            messages.add(message);
                        }
                    },
                    InstantSource.system());
        }

        @Bean
        TransactionalPublisherAdvisor advisor(ObjectProvider<MessagePublisher> publisher) {
            return new TransactionalPublisherAdvisor(
                    publisher::getObject, text -> text.replace("${place}", "resolved"));
        }

        @Bean
        TransactionalPublisherValidator validator(ConfigurableListableBeanFactory beanFactory) {
            return new TransactionalPublisherValidator(beanFactory);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Complete extends Infrastructure {

        @Bean
        static TransactionAdvicePlacement placement() {
            return new TransactionAdvicePlacement();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true)
    static class AdvisorOutside extends Infrastructure {

        @Bean
        @Override
        @org.springframework.context.annotation.Role(
                org.springframework.beans.factory.config.BeanDefinition.ROLE_INFRASTRUCTURE)
        TransactionalPublisherAdvisor advisor(ObjectProvider<MessagePublisher> publisher) {
            TransactionalPublisherAdvisor advisor = super.advisor(publisher);
            advisor.setOrder(1);
            return advisor;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement(proxyTargetClass = true, order = 5)
    static class OwnOrder extends Infrastructure {

        @Bean
        static TransactionAdvicePlacement placement() {
            return new TransactionAdvicePlacement();
        }
    }

    private AnnotationConfigApplicationContext context;

    private <T> T start(Class<?> configuration, Class<T> bean) {
        context = new AnnotationConfigApplicationContext(configuration, bean);
        return context.getBean(bean);
    }

    private Infrastructure infrastructure() {
        return context.getBean(Infrastructure.class);
    }

    @AfterEach
    void close() {
        if (context != null) {
            context.close();
        }
    }

    @Test
    void publishesTheResultWhenTheTransactionCommits() {
        Orders orders = start(Complete.class, Orders.class);

        Placed result = orders.place("o-1", 2);

        assertThat(result).isEqualTo(new Placed("o-1", 2));
        assertThat(infrastructure().outbox.left).containsExactly(new MessageId("m1"));
        Message message = infrastructure().messages.get(0);
        assertThat(message.key()).isEqualTo("o-1");
        assertThat(message.destination().tag()).isEqualTo("new");
        assertThat(message.type()).isEqualTo("Placed");
    }

    @Test
    void aMethodThatReturnsNullPublishesNothing() {
        assertThat(start(Complete.class, Orders.class).place("o-1", 0)).isNull();
        assertThat(infrastructure().messages).isEmpty();
    }

    @Test
    void theKeyMayUseArgumentsByName() {
        start(Complete.class, Orders.class).placeByArguments("o-1", 2);

        assertThat(infrastructure().messages.get(0).key()).isEqualTo("o-1-2");
        assertThat(infrastructure().half.left).hasSize(1);
    }

    @Test
    void anExceptionPublishesNothingAndReachesTheCallerUnchanged() {
        Orders orders = start(Complete.class, Orders.class);

        assertThatThrownBy(orders::failChecked)
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("checked");
        assertThat(infrastructure().messages).isEmpty();
    }

    @Test
    void aTransactionalBesideItSetsTheAttributes() {
        Orders orders = start(Complete.class, Orders.class);

        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(orders::readOnly)
                .withMessageContaining("read-only");
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(orders::supports)
                .withMessageContaining("there is no transaction");
    }

    @Test
    void aTransactionalOnTheClassSetsTheAttributes() {
        ClassLevelOrders orders = start(Complete.class, ClassLevelOrders.class);

        orders.place("o-1", 1);
        assertThat(context.getBean(ClassLevelOrders.class)).isNotNull();
        assertThat(attributesOf(orders)).isEqualTo("active=true isolation=8");

        orders.ownAttributes();
        assertThat(attributesOf(orders)).isEqualTo("active=true isolation=null");
    }

    /** What Spring does by itself, and why the attribute source is replaced. */
    @Test
    void withoutThePlacementSpringPrefersTheAttributesThatTheAnnotationBringsAlong() throws Exception {
        var spring = new org.springframework.transaction.annotation.AnnotationTransactionAttributeSource(false);
        var ours = new PublisherTransactionAttributeSource();
        var method = ClassLevelOrders.class.getMethod("place", String.class, int.class);

        assertThat(spring.getTransactionAttribute(method, ClassLevelOrders.class)
                        .getIsolationLevel())
                .isEqualTo(-1);
        assertThat(ours.getTransactionAttribute(method, ClassLevelOrders.class).getIsolationLevel())
                .isEqualTo(8);
    }

    private static String attributesOf(Orders proxy) {
        try {
            Orders target = (Orders) ((org.springframework.aop.framework.Advised) proxy)
                    .getTargetSource()
                    .getTarget();
            return target.attributes;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    record Decided(String orderId, boolean accepted, long waitMillis) {

        public Placed receipt() {
            return new Placed(orderId, 7);
        }
    }

    static class Desk {

        @TransactionalPublisher(
                topic = "${place}-receipts",
                payload = "#result.receipt()",
                condition = "#result.accepted",
                key = "#p0.orderId",
                headers = {"region = #region", "kind='web'", "absent=null"},
                delay = "#result.waitMillis")
        public Decided decide(Decided wanted, String region) {
            return wanted;
        }

        @TransactionalPublisher(topic = "first", payload = "#placed", delay = "PT5M")
        @TransactionalPublisher(topic = "second", payload = "#placed.orderId", via = Via.HALF_MESSAGE)
        public void both(Placed placed) {}

        @TransactionalPublisher(topic = "t", payload = "#placed", condition = "#placed.quantity")
        public void noCondition(Placed placed) {}

        @TransactionalPublisher(topic = "t", payload = "#placed", key = "#placed.nothing")
        public void noKey(Placed placed) {}

        @TransactionalPublisher(topic = "t", payload = "#placed", delay = "#placed.quantity")
        public void noDelay(Placed placed) {}
    }

    @Test
    void payloadConditionHeadersDelayAndPlaceholdersMakeTheMessage() {
        Desk desk = start(Complete.class, Desk.class);

        desk.decide(new Decided("o-1", false, 0), "eu");
        assertThat(infrastructure().messages).isEmpty();

        long before = System.currentTimeMillis();
        desk.decide(new Decided("o-2", true, 1500), "eu");
        Message message = infrastructure().messages.get(0);
        assertThat(message.destination().topic()).isEqualTo("resolved-receipts");
        assertThat(message.type()).isEqualTo("Placed");
        assertThat(message.key()).isEqualTo("o-2");
        assertThat(message.headers().asMap())
                .containsEntry("region", "eu")
                .containsEntry("kind", "web")
                .containsEntry(Headers.DELAY, "1500")
                .doesNotContainKey("absent");
        assertThat(Long.parseLong(message.headers().get(Headers.DELIVER_AT))).isGreaterThanOrEqualTo(before + 1500);
    }

    @Test
    void anAnnotationCanBeRepeatedAndTheMethodNeedNotReturnAnything() {
        Desk desk = start(Complete.class, Desk.class);

        desk.both(new Placed("o-1", 1));

        assertThat(infrastructure().messages)
                .extracting(message -> message.destination().topic())
                .containsExactly("first", "second");
        assertThat(infrastructure().outbox.left).hasSize(1);
        assertThat(infrastructure().half.left).hasSize(1);
        assertThat(infrastructure().messages.get(0).headers().get(Headers.DELAY))
                .isEqualTo("300000");
    }

    @Test
    void anExpressionThatFailsRollsTheTransactionBackAndSaysWhich() {
        Desk desk = start(Complete.class, Desk.class);

        assertThatThrownBy(() -> desk.noCondition(new Placed("o-1", 1)))
                .hasMessageContaining("Cannot publish to 't' after Desk.noCondition")
                .hasMessageContaining(
                        "its condition '#placed.quantity' failed: it gave 1, which is neither true nor false");
        assertThatThrownBy(() -> desk.noKey(new Placed("o-1", 1))).hasMessageContaining("its key '#placed.nothing'");
        assertThatThrownBy(() -> desk.noDelay(new Placed("o-1", -1))).hasMessageContaining("less than zero");
        assertThat(infrastructure().outbox.left).isEmpty();
    }

    @Test
    void anOrderThatTheUserChoseIsKept() {
        Orders orders = start(OwnOrder.class, Orders.class);
        orders.place("o-1", 1);

        assertThat(context.getBean(
                                org.springframework.transaction.interceptor.BeanFactoryTransactionAttributeSourceAdvisor
                                        .class)
                        .getOrder())
                .isEqualTo(5);
        assertThat(infrastructure().outbox.left).hasSize(1);
    }

    static class Broken {

        @TransactionalPublisher(topic = "t")
        public void nothing() {}

        @TransactionalPublisher(topic = " ", key = "#result.")
        public Placed badKey() {
            return null;
        }

        @TransactionalPublisher(topic = "t")
        private Placed hidden() {
            return null;
        }

        @TransactionalPublisher(topic = "t")
        public final Placed sealed() {
            return null;
        }

        @TransactionalPublisher(topic = "t")
        public CompletableFuture<Placed> later() {
            return null;
        }

        @TransactionalPublisher(topic = "t", headers = "region", delay = "soon", condition = "#result ==")
        public Placed parts() {
            return null;
        }
    }

    @Test
    void startUpListsAllMethodsThatCannotWork() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(Complete.class, Broken.class))
                .withMessageContaining("9 faults")
                .withMessageContaining("Broken.nothing: it returns nothing")
                .withMessageContaining("Broken.badKey: its key '#result.' is not a SpEL expression")
                .withMessageContaining("Broken.badKey: its topic is blank")
                .withMessageContaining("Broken.parts: its header 'region' is not of the form name=expression")
                .withMessageContaining("Broken.parts: its delay 'soon' is no duration")
                .withMessageContaining("Broken.parts: its condition '#result ==' is not a SpEL expression")
                .withMessageContaining("Broken.hidden: it is private")
                .withMessageContaining("Broken.sealed: it is final")
                .withMessageContaining("Broken.later: it returns a CompletableFuture");
    }

    static class SelfCalling {

        private SelfCalling proxied;

        @TransactionalPublisher(topic = "t")
        public Placed place(String id) {
            return new Placed(id, 1);
        }

        public Placed direct(String id, boolean really) {
            return place(really ? id : id.strip());
        }

        public List<Placed> inALambda(List<String> ids) {
            return ids.stream().map(id -> place(id)).toList();
        }

        public List<Placed> byReference(List<String> ids) {
            return ids.stream().map(this::place).toList();
        }

        public Placed throughTheProxy(String id) {
            return proxied.place(id);
        }
    }

    static class SelfCallingChild extends SelfCalling {

        public Placed inherited(String id) {
            return place(id);
        }

        @Override
        @TransactionalPublisher(topic = "t")
        public Placed place(String id) {
            return super.place(id);
        }
    }

    @Test
    void startUpNamesEachCallThatGoesPastTheProxy() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(Complete.class, SelfCalling.class))
                .withMessageContaining("3 faults")
                .withMessageContaining("SelfCalling.place: SelfCalling.direct calls it on the object itself")
                .withMessageContaining("SelfCalling.inALambda calls it")
                .withMessageContaining("SelfCalling.byReference calls it");
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(Complete.class, SelfCallingChild.class))
                .withMessageContaining("SelfCallingChild.inherited calls it")
                .withMessageContaining("4 faults");
    }

    @Test
    void startUpFailsWhenTheTransactionWouldBeginInside() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(AdvisorOutside.class, Orders.class))
                .withMessageContaining("the transaction begins inside")
                .withMessageContaining("TransactionAdvicePlacement");
    }

    static class HalfPublisher {

        @TransactionalPublisher(topic = "orders", via = Via.HALF_MESSAGE)
        public Placed half() {
            return new Placed("o", 1);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @Import(Complete.class)
    static class WithoutHalfMessages {

        @Bean
        Transport transport() {
            return new Transport() {
                @Override
                public String name() {
                    return "kafka";
                }

                @Override
                public Set<Capability> capabilities() {
                    return Set.of(Capability.KEY_ORDER);
                }

                @Override
                public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
                    throw new IllegalStateException("nothing is sent here");
                }

                @Override
                public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
                    throw new IllegalStateException("nothing is subscribed here");
                }

                @Override
                public void close() {}
            };
        }
    }

    @Test
    void startUpNamesWhoHasTheHalfMessagesThatTheTransportHasNot() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(WithoutHalfMessages.class, HalfPublisher.class))
                .withMessageContaining("HalfPublisher.half: it is to publish via HALF_MESSAGE")
                .withMessageContaining("transport 'kafka' has no HALF_MESSAGES; rocketmq has it")
                .withMessageContaining("via = OUTBOX");
    }

    @Configuration(proxyBeanMethods = false)
    static class WithoutAdvice {

        @Bean
        TransactionalPublisherValidator validator(ConfigurableListableBeanFactory beanFactory) {
            return new TransactionalPublisherValidator(beanFactory);
        }
    }

    @Test
    void startUpFailsWhenTheBeanIsNotProxied() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> start(WithoutAdvice.class, Orders.class))
                .withMessageContaining("the bean is not proxied");
    }

    interface Described {
        Placed described();
    }

    static class OnInterface implements Described {

        @Override
        @TransactionalPublisher(topic = "t")
        public Placed described() {
            return new Placed("i", 1);
        }

        @TransactionalPublisher(topic = "t")
        public Placed notDescribed() {
            return null;
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableTransactionManagement
    static class InterfaceProxies extends Infrastructure {

        @Bean
        static TransactionAdvicePlacement placement() {
            return new TransactionAdvicePlacement();
        }

        @Bean
        OnInterface onInterface() {
            return new OnInterface();
        }
    }

    @Test
    void startUpFailsWhenAnInterfaceProxyHidesTheMethod() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> context = new AnnotationConfigApplicationContext(InterfaceProxies.class))
                .withMessageContaining("1 faults")
                .withMessageContaining("OnInterface.notDescribed");
    }
}
