package dev.tally.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.event.SimpleApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

class PublishedMessageListenerTest {

    @MessageType("order-placed")
    @PublishedMessage(
            topic = "${orders}",
            key = "#event.orderId",
            tag = "new",
            condition = "quantity > 0",
            headers = {"region=#root.region", "nothing=null"},
            delay = "5s",
            via = Via.HALF_MESSAGE)
    record OrderPlaced(String orderId, int quantity, String region) {}

    record Unknown(String id) {}

    @PublishedMessage(topic = "'orders-' + #event.region()", key = "#event.id()")
    interface Regional {

        String region();

        String id();
    }

    record Shipped(String id, String region) implements Regional {}

    @PublishedMessage(topic = "returns", key = "#event.id()")
    record Returned(String id, String region) implements Regional {}

    @PublishedMessage(topic = "kept")
    interface Kept {}

    record Both(String id, String region) implements Regional, Kept {}

    @PublishedMessage(topic = "entities", key = "#event.entity")
    static class Saved<T> {

        private final T entity;

        Saved(T entity) {
            this.entity = entity;
        }

        public T getEntity() {
            return entity;
        }
    }

    static class SavedTwice<T> extends Saved<List<T>> {

        SavedTwice(T entity) {
            super(List.of(entity, entity));
        }
    }

    @PublishedMessage(topic = "first", payload = "#event.code")
    @PublishedMessage(topic = "second", payload = "#event.code + 1", via = Via.HALF_MESSAGE)
    static class Recounted extends ApplicationEvent {

        Recounted(Object source) {
            super(source);
        }

        public int getCode() {
            return 7;
        }
    }

    @PublishedMessage(topic = "sources")
    static class Faulty extends ApplicationEvent {

        Faulty(Object source) {
            super(source);
        }
    }

    @PublishedMessage(topic = "t", key = "#event.missing")
    record Failing(String id) {}

    @PublishedMessage(topic = "t", key = "((", headers = "x")
    record Unparsable(String id) {}

    private final TestDatabase database = TestDatabase.h2();
    private final RecordingPath outbox = new RecordingPath();
    private final RecordingPath half = new RecordingPath();
    private final List<Message> messages = new ArrayList<>();
    private final AtomicInteger counter = new AtomicInteger();
    private final TransactionalMessagePublisher publisher = publisher(database, outbox);
    private final PublishedMessageListener listener = listener(publisher);
    private final ExecutorService executor =
            Executors.newSingleThreadExecutor(work -> new Thread(work, "event executor"));
    private final AbstractApplicationContext context = context(new SimpleApplicationEventMulticaster(), listener);

    private TransactionalMessagePublisher publisher(TestDatabase on, RecordingPath path) {
        TransactionMarks.on(on.transactions());
        return new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m" + counter.incrementAndGet()),
                on.dataSource(),
                Map.of(Via.OUTBOX, path, Via.HALF_MESSAGE, half),
                List.of(),
                new PublishListener() {
                    @Override
                    public void published(Message message, Via via) {
                        messages.add(message);
                    }
                },
                InstantSource.system());
    }

    private static PublishedMessageListener listener(MessagePublisher publisher) {
        return new PublishedMessageListener(() -> publisher, text -> text.replace("${orders}", "orders"));
    }

    private static AbstractApplicationContext context(
            SimpleApplicationEventMulticaster multicaster, ApplicationListener<?> listener) {
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(
                AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME,
                SimpleApplicationEventMulticaster.class,
                () -> multicaster);
        context.addApplicationListener(listener);
        context.refresh();
        return context;
    }

    @AfterEach
    void close() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        context.close();
        executor.shutdownNow();
        database.close();
    }

    private void inTransaction(Runnable work) {
        database.transaction().executeWithoutResult(status -> work.run());
    }

    private void publish(Object event) {
        inTransaction(() -> context.publishEvent(event));
    }

    @Test
    void anAnnotatedEventLeavesWithItsTransaction() {
        publish(new OrderPlaced("o-1", 2, "north"));

        assertThat(half.left).containsExactly(new MessageId("m1"));
        Message message = messages.get(0);
        assertThat(message.destination().topic()).isEqualTo("orders");
        assertThat(message.destination().tag()).isEqualTo("new");
        assertThat(message.key()).isEqualTo("o-1");
        assertThat(message.type()).isEqualTo("order-placed");
        assertThat(message.headers().asMap())
                .containsEntry("region", "north")
                .containsEntry("tally-delay", "5000")
                .doesNotContainKey("nothing");
        assertThat(new String(message.payload(), StandardCharsets.UTF_8)).contains("\"orderId\":\"o-1\"");
    }

    @Test
    void anEventOfARolledBackTransactionDoesNotLeave() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> inTransaction(() -> {
                    context.publishEvent(new OrderPlaced("o-1", 2, "north"));
                    throw new IllegalArgumentException("business");
                }));

        assertThat(half.prepared).isEmpty();
    }

    @Test
    void whatIsNotAnnotatedOrWhoseConditionDoesNotHoldIsNotPublishedAndNeedsNoTransaction() {
        context.publishEvent(new Unknown("1"));
        context.publishEvent(new OrderPlaced("o-1", 0, "north"));

        assertThat(messages).isEmpty();
    }

    @Test
    void theAnnotationOfASuperTypeCountsUntilANearerOneTakesItsPlace() {
        publish(new Shipped("1", "north"));
        publish(new Returned("2", "south"));

        assertThat(messages)
                .extracting(message -> message.destination().topic() + " " + message.key())
                .containsExactly("orders-north 1", "returns 2");
    }

    @Test
    void aGenericEventIsPublishedWhateverItsTypeHintSays() {
        publish(new Saved<>(17));
        inTransaction(() -> context.publishEvent(new SavedTwice<>("x")));
        inTransaction(() -> context.publishEvent(
                new PayloadApplicationEvent<>(this, new Saved<>("hinted"), ResolvableType.forClass(Object.class))));

        assertThat(messages).extracting(Message::key).containsExactly("17", "[x, x]", "hinted");
        assertThat(messages).extracting(Message::type).containsExactly("Saved", "SavedTwice", "Saved");
    }

    @Test
    void anApplicationEventPublishesWhatItsExpressionsGiveAndSeveralMessagesIfRepeated() {
        publish(new Recounted(this));

        assertThat(messages)
                .extracting(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .containsExactly("7", "8");
        assertThat(outbox.left).hasSize(1);
        assertThat(half.left).hasSize(1);
    }

    @Test
    void refusesAnEventOutsideOfATransactionAndSaysInWhichThread() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> context.publishEvent(new Shipped("1", "north")))
                .withMessageContaining("'orders-north'")
                .withMessageContaining("there is no transaction")
                .withMessageContaining(Shipped.class.getName())
                .withMessageContaining("'" + Thread.currentThread().getName() + "'");
    }

    @Test
    void refusesAnEventAfterTheCommit() {
        List<Throwable> refusals = new ArrayList<>();
        inTransaction(() -> TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCommit() {
                try {
                    context.publishEvent(new Shipped("1", "north"));
                } catch (IllegalTransactionStateException e) {
                    refusals.add(e);
                }
            }
        }));

        assertThat(refusals).singleElement().asString().contains("already ended");
    }

    @Test
    void aFaultyAnnotationIsRefusedAtItsFirstEventAndWhenAskedBefore() {
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> publish(new Faulty(this)))
                .withMessageContaining("name the payload");
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(() -> publish(new Both("1", "north")))
                .withMessageContaining("Regional, Kept");
        assertThatExceptionOfType(InvalidPublisherException.class)
                .isThrownBy(
                        () -> listener.validate(List.of(Faulty.class, Unparsable.class, Shipped.class, Unknown.class)))
                .withMessageContaining("3 faults")
                .withMessageContaining("key '(('")
                .withMessageContaining("header 'x'");
        assertThatNoException().isThrownBy(() -> listener.validate(List.of(OrderPlaced.class)));
    }

    @Test
    void anEventThatCannotBePublishedRollsBackAlsoWhereTheExceptionIsSwallowed() {
        SimpleApplicationEventMulticaster swallowing = new SimpleApplicationEventMulticaster();
        swallowing.setErrorHandler(failure -> {});
        try (AbstractApplicationContext lenient = context(swallowing, listener)) {
            assertThatExceptionOfType(CommitRefusedException.class)
                    .isThrownBy(() -> inTransaction(() -> {
                        database.business("x");
                        lenient.publishEvent(new Failing("1"));
                    }))
                    .withMessageContaining(Failing.class.getName())
                    .withMessageContaining("missing");
        }

        assertThat(database.business()).isEmpty();
    }

    @Test
    void anEventThatIsRefusedWhileTheTransactionBeginsToCommitRollsItBack() {
        TestDatabase foreign = TestDatabase.h2();
        try (AbstractApplicationContext other =
                context(new SimpleApplicationEventMulticaster(), listener(publisher(foreign, outbox)))) {
            assertThatExceptionOfType(CommitRefusedException.class)
                    .isThrownBy(() -> inTransaction(() -> {
                        database.business("x");
                        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                            @Override
                            public void beforeCommit(boolean readOnly) {
                                other.publishEvent(new Shipped("1", "north"));
                            }
                        });
                    }))
                    .withMessageContaining("not one on the data source");
        } finally {
            foreign.close();
        }

        assertThat(database.business()).isEmpty();
    }

    @Test
    void anEventThatFailedInARolledBackSavepointDoesNotHoldUpItsTransaction() {
        TransactionTemplate nested = database.transaction();
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);

        inTransaction(() -> {
            context.publishEvent(new Shipped("1", "north"));
            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> nested.executeWithoutResult(inner -> context.publishEvent(new Failing("1"))));
        });
        assertThat(outbox.left).hasSize(1);

        assertThatExceptionOfType(CommitRefusedException.class)
                .isThrownBy(() -> inTransaction(() -> {
                    assertThatExceptionOfType(IllegalStateException.class)
                            .isThrownBy(() -> context.publishEvent(new Failing("1")));
                    nested.executeWithoutResult(inner -> inner.setRollbackOnly());
                }));
    }

    @Test
    void anExecutorOfTheMulticasterDoesNotTakeEventsOutOfTheirTransaction() {
        SimpleApplicationEventMulticaster asynchronous = new SimpleApplicationEventMulticaster();
        asynchronous.setTaskExecutor(executor);
        try (AbstractApplicationContext application = context(asynchronous, listener)) {
            inTransaction(() -> application.publishEvent(new Shipped("1", "north")));

            assertThat(outbox.left).hasSize(1);
        }
    }

    @Test
    void whereAnExecutorTakesEventsAllTheSameTheRefusalNamesItsThread() throws Exception {
        Future<?> elsewhere = executor.submit(() -> context.publishEvent(new Shipped("1", "north")));

        assertThatExceptionOfType(java.util.concurrent.ExecutionException.class)
                .isThrownBy(() -> elsewhere.get(1, TimeUnit.MINUTES))
                .withMessageContaining("'event executor'")
                .withMessageContaining("executor takes them out of their transaction");
    }

    @Test
    void withSeveralDataSourcesAnEventLeavesWithTheInnermostTransaction() {
        TestDatabase second = TestDatabase.h2();
        RecordingPath ofSecond = new RecordingPath();
        Map<String, TransactionalMessagePublisher> publishers = new LinkedHashMap<>();
        publishers.put("first", publisher);
        publishers.put("second", publisher(second, ofSecond));
        try (AbstractApplicationContext several =
                context(new SimpleApplicationEventMulticaster(), listener(new RoutingMessagePublisher(publishers)))) {
            inTransaction(() -> {
                second.transaction()
                        .executeWithoutResult(status -> several.publishEvent(new Shipped("inner", "north")));
                assertThat(ofSecond.left).hasSize(1);
                several.publishEvent(new Shipped("outer", "north"));
                assertThat(outbox.left).isEmpty();
            });
        } finally {
            second.close();
        }

        assertThat(outbox.left).hasSize(1);
        assertThat(ofSecond.left).hasSize(1);
    }
}
