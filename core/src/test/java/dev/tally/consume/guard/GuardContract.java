package dev.tally.consume.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.publish.TransactionAdvicePlacement;
import dev.tally.reply.JdbcReplyStore;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/** Guarded methods on one database. */
abstract class GuardContract {

    record Order(String id, int quantity) {}

    record Receipt(String number, List<Order> orders) {}

    /** What users have. */
    static class Listener {

        private final TestDatabase database;
        volatile CountDownLatch entered = new CountDownLatch(0);
        volatile CountDownLatch release = new CountDownLatch(0);
        volatile Exception failure;
        final AtomicReference<Exception> failOnce = new AtomicReference<>();
        final List<String> seen = new CopyOnWriteArrayList<>();

        Listener(TestDatabase database) {
            this.database = database;
        }

        @IdempotentConsumer(group = "placing", id = "#order.id")
        public void on(Order order) throws Exception {
            place(order);
        }

        @Transactional(isolation = Isolation.SERIALIZABLE, timeout = 77)
        @IdempotentConsumer(group = "isolated", id = "#p0.id")
        public void isolated(Order order) throws Exception {
            seen.add("isolation " + TransactionSynchronizationManager.getCurrentTransactionIsolationLevel());
            place(order);
        }

        /** Spring by itself would commit after a checked exception. */
        @Transactional
        @IdempotentConsumer(group = "${group.of.transactional}", id = "#root.args[0].id")
        public void transactional(Order order) throws Exception {
            place(order);
        }

        @IdempotentConsumer(group = "messages")
        public void message(Message message, String text) {
            database.business(text);
        }

        @IdempotentConsumer(group = "receipts", id = "#order.id")
        public Receipt receipt(Order order) throws Exception {
            place(order);
            return order.quantity == 0 ? null : new Receipt("r-" + seen.size(), List.of(order));
        }

        @IdempotentConsumer(group = "counts", id = "#order.id")
        public int count(Order order) throws Exception {
            place(order);
            return order.quantity;
        }

        @IdempotentConsumer(group = "lists", id = "#order.id")
        public List<Order> list(Order order) {
            return List.of(order, order);
        }

        @IdempotentConsumer(group = "unreadable", id = "#order.id")
        public Runnable unreadable(Order order) {
            database.business(order.id);
            return new Unreadable();
        }

        private void place(Order order) throws Exception {
            seen.add(order.id);
            database.business(order.id);
            entered.countDown();
            if (!release.await(90, TimeUnit.SECONDS)) {
                throw new IllegalStateException("was not let go on");
            }
            Exception once = failOnce.getAndSet(null);
            if (once != null) {
                throw once;
            }
            if (failure != null) {
                throw failure;
            }
        }
    }

    static final class Unreadable implements Runnable {

        public String getName() {
            return "written, not read";
        }

        @Override
        public void run() {}
    }

    static class Recorded implements ConsumeListener {

        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void handled(String topic, String group, Duration took) {
            events.add("handled " + topic + " " + group);
        }

        @Override
        public void duplicate(String topic, String group) {
            events.add("duplicate " + topic + " " + group);
        }

        @Override
        public void failed(String topic, String group, Duration took, String reason) {
            events.add("failed " + topic + " " + group + " " + reason);
        }
    }

    @Configuration
    @EnableTransactionManagement(proxyTargetClass = true)
    static class Infrastructure {

        @Bean
        static PlatformTransactionManager transactionManager(TestDatabase database) {
            return database.transactions();
        }

        @Bean
        static TransactionAdvicePlacement placement() {
            return new TransactionAdvicePlacement();
        }

        @Bean
        static IdempotentGuardAdvisor advisor(
                ObjectProvider<GuardParts> parts,
                org.springframework.beans.factory.config.ConfigurableListableBeanFactory beanFactory) {
            return new IdempotentGuardAdvisor(parts::getObject, beanFactory::resolveEmbeddedValue);
        }

        @Bean
        static IdempotentGuardValidator validator(
                org.springframework.beans.factory.config.ConfigurableListableBeanFactory beanFactory,
                IdempotentGuardAdvisor advisor,
                ObjectProvider<GuardParts> parts) {
            return new IdempotentGuardValidator(beanFactory, advisor, parts::getObject);
        }

        @Bean
        Recorded recorded() {
            return new Recorded();
        }

        @Bean
        GuardParts parts(
                TestDatabase database,
                PlatformTransactionManager transactions,
                TransactionAttributeSource attributes,
                Recorded recorded) {
            return new GuardParts(
                    new JdbcInboxStore(database.dataSource(), transactions, database.dialect()),
                    new JdbcReplyStore(database.dataSource(), transactions, database.dialect()),
                    transactions,
                    attributes,
                    JsonMapper.shared(),
                    InstantSource.system(),
                    recorded,
                    List.of(new TallyMessageIds()));
        }
    }

    private TestDatabase database;
    private AnnotationConfigApplicationContext context;
    private Listener listener;
    private Listener target;
    private Recorded recorded;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void start() throws Exception {
        database = createDatabase();
        context = context(database, Listener.class);
        listener = context.getBean(Listener.class);
        target = (Listener) ((org.springframework.aop.framework.Advised) listener)
                .getTargetSource()
                .getTarget();
        recorded = context.getBean(Recorded.class);
    }

    static AnnotationConfigApplicationContext context(TestDatabase database, Class<?>... beans) {
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("test", java.util.Map.of("group.of.transactional", "transactional")));
        context.registerBean(TestDatabase.class, () -> database, definition -> definition.setDestroyMethodName(""));
        context.register(Infrastructure.class);
        context.register(beans);
        context.refresh();
        return context;
    }

    @AfterEach
    void close() {
        context.close();
        database.close();
    }

    private List<String> inbox(String group) {
        return database.jdbc()
                .queryForList("SELECT message_id FROM tally_inbox WHERE consumer_group = ?", String.class, group);
    }

    @Test
    void handlesARepeatedMessageOnce() throws Exception {
        listener.on(new Order("a", 1));
        listener.on(new Order("a", 1));
        listener.on(new Order("b", 1));

        assertThat(database.business()).containsExactly("a", "b");
        assertThat(inbox("placing")).containsExactlyInAnyOrder("a", "b");
        assertThat(recorded.events)
                .containsExactly(
                        "handled Listener.on placing", "duplicate Listener.on placing", "handled Listener.on placing");
    }

    @Test
    @Scenario("messaging-23")
    void handlesAMessageThatComesTwiceAtATimeOnce() throws Exception {
        target.entered = new CountDownLatch(1);
        target.release = new CountDownLatch(1);
        int calls = 6;
        CyclicBarrier together = new CyclicBarrier(calls);
        ExecutorService threads = Executors.newFixedThreadPool(calls);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                running.add(threads.submit(() -> {
                    together.await(90, TimeUnit.SECONDS);
                    listener.on(new Order("same", 1));
                    return null;
                }));
            }
            assertThat(target.entered.await(90, TimeUnit.SECONDS)).isTrue();
            target.release.countDown();
            for (Future<?> each : running) {
                each.get(90, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(database.business()).containsExactly("same");
        assertThat(target.seen).containsExactly("same");
        assertThat(recorded.events)
                .hasSize(calls)
                .filteredOn(event -> event.startsWith("handled"))
                .hasSize(1);
    }

    /** All wait for one that rolls back; then exactly one of them takes its place. */
    @Test
    @Scenario("messaging-23")
    void aWaitingCallTakesThePlaceOfOneThatFailed() throws Exception {
        target.entered = new CountDownLatch(1);
        target.release = new CountDownLatch(1);
        target.failOnce.set(new IOException("the first one fails"));
        int waiting = 4;
        ExecutorService threads = Executors.newFixedThreadPool(waiting + 1);
        try {
            Future<?> first = threads.submit(() -> {
                listener.on(new Order("same", 1));
                return null;
            });
            assertThat(target.entered.await(90, TimeUnit.SECONDS)).isTrue();
            List<Future<?>> others = new ArrayList<>();
            for (int i = 0; i < waiting; i++) {
                others.add(threads.submit(() -> {
                    listener.on(new Order("same", 2));
                    return null;
                }));
            }
            target.release.countDown();
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> first.get(90, TimeUnit.SECONDS))
                    .withCauseInstanceOf(IOException.class);
            for (Future<?> each : others) {
                each.get(90, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(database.business()).containsExactly("same");
        assertThat(target.seen).hasSize(2);
    }

    @Test
    @Scenario("messaging-24")
    void takesEverythingBackThatAFailingMessageDid() throws Exception {
        for (Exception failure : List.of(new IllegalStateException("unchecked"), new IOException("checked"))) {
            target.failure = failure;
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> listener.on(new Order("a", 1)))
                    .isSameAs(failure);
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> listener.transactional(new Order("a", 1)))
                    .isSameAs(failure);
        }
        assertThat(database.business()).isEmpty();
        assertThat(inbox("placing")).isEmpty();
        assertThat(inbox("transactional")).isEmpty();
        assertThat(recorded.events)
                .hasSize(4)
                .contains("failed Listener.transactional transactional IOException: checked");

        target.failure = null;
        listener.on(new Order("a", 1));
        listener.transactional(new Order("a", 1));

        assertThat(database.business()).containsExactly("a", "a");
        assertThat(inbox("transactional")).containsExactly("a");
    }

    @Test
    void begunByTheGuardTheTransactionIsAsTheMethodAsks() throws Exception {
        listener.isolated(new Order("a", 1));

        assertThat(target.seen).contains("isolation " + Isolation.SERIALIZABLE.value());
        assertThat(database.business()).containsExactly("a");
    }

    @Test
    void joinsTheTransactionOfItsCaller() throws Exception {
        database.transaction().executeWithoutResult(status -> {
            call(() -> listener.on(new Order("a", 1)));
            call(() -> listener.on(new Order("a", 1)));
            assertThat(recorded.events).isEmpty();
            status.setRollbackOnly();
        });
        assertThat(database.business()).isEmpty();
        assertThat(inbox("placing")).isEmpty();
        assertThat(recorded.events).isEmpty();

        database.transaction().executeWithoutResult(status -> call(() -> listener.on(new Order("a", 1))));
        database.transaction().executeWithoutResult(status -> call(() -> listener.on(new Order("a", 1))));

        assertThat(database.business()).containsExactly("a");
        assertThat(recorded.events).containsExactly("handled Listener.on placing", "duplicate Listener.on placing");
    }

    /** The caller swallows the failure; what the failed message did must not be committed all the same. */
    @Test
    void aFailureRollsTheCallersTransactionBack() {
        target.failure = new IOException("checked");
        assertThatExceptionOfType(org.springframework.transaction.UnexpectedRollbackException.class)
                .isThrownBy(() -> database.transaction()
                        .executeWithoutResult(status -> assertThatExceptionOfType(IOException.class)
                                .isThrownBy(() -> listener.on(new Order("a", 1)))));
        assertThat(database.business()).isEmpty();
        assertThat(inbox("placing")).isEmpty();
    }

    @Test
    void givesBackWhatWasReturnedTheFirstTime() throws Exception {
        Receipt first = listener.receipt(new Order("a", 1));
        target.seen.add("so that a second call would return another number");
        Receipt again = listener.receipt(new Order("a", 1));

        assertThat(first).isEqualTo(new Receipt("r-1", List.of(new Order("a", 1))));
        assertThat(again).isEqualTo(first).isNotSameAs(first);
        assertThat(listener.receipt(new Order("none", 0))).isNull();
        assertThat(listener.receipt(new Order("none", 0))).isNull();
        assertThat(listener.count(new Order("a", 7))).isEqualTo(7);
        assertThat(listener.count(new Order("a", 8))).isEqualTo(7);
        listener.list(new Order("a", 1));
        assertThat(listener.list(new Order("a", 1))).containsExactly(new Order("a", 1), new Order("a", 1));
        assertThat(database.business()).containsExactly("a", "a", "none");
    }

    @Test
    void givesBackWhatWasReturnedMeanwhileToACallerWhoseTransactionBeganBefore() {
        database.transaction().executeWithoutResult(status -> {
            // Where that makes the database stay at this moment.
            assertThat(database.jdbc().queryForObject("SELECT COUNT(*) FROM tally_reply", Integer.class))
                    .isZero();
            call(() -> {
                Thread other = new Thread(() -> call(() -> listener.count(new Order("a", 7))));
                other.start();
                other.join(90_000);
            });
            call(() -> assertThat(listener.count(new Order("a", 8))).isEqualTo(7));
        });
        assertThat(database.business()).containsExactly("a");
    }

    @Test
    void saysSoWhenTheReplyIsGone() throws Exception {
        listener.count(new Order("a", 7));
        database.jdbc().update("DELETE FROM tally_reply");

        assertThatExceptionOfType(ReplyUnavailableException.class)
                .isThrownBy(() -> listener.count(new Order("a", 7)))
                .withMessageContaining("Listener.count")
                .withMessageContaining("group counts")
                .withMessageContaining("handled before");
        assertThat(database.business()).containsExactly("a");
    }

    @Test
    void replacesAReplyWhoseInboxRowWasPurged() throws Exception {
        listener.count(new Order("a", 7));
        database.jdbc().update("DELETE FROM tally_inbox");

        assertThat(listener.count(new Order("a", 8))).isEqualTo(8);
        assertThat(listener.count(new Order("a", 9))).isEqualTo(8);
    }

    @Test
    void refusesToReturnWhatCouldNotBeReadAgain() {
        assertThatExceptionOfType(ReplyUnavailableException.class)
                .isThrownBy(() -> listener.unreadable(new Order("a", 1)))
                .withMessageContaining("Listener.unreadable")
                .withMessageContaining("was not handled");
        assertThat(database.business()).isEmpty();
        assertThat(inbox("unreadable")).isEmpty();
    }

    @Test
    void takesTheIdOfAMessageInTheParameters() {
        Message message = new Message(
                new MessageId("m-1"), new Destination("orders", null), null, "order", Headers.empty(), new byte[0]);
        listener.message(message, "once");
        listener.message(message, "twice");

        assertThat(database.business()).containsExactly("once");
        assertThat(recorded.events).containsExactly("handled orders messages", "duplicate orders messages");
    }

    @Test
    void anIdMayBeOfAnyLength() throws Exception {
        String prefix = "x".repeat(200);
        listener.on(new Order(prefix + "1", 1));
        listener.on(new Order(prefix + "2", 1));
        listener.on(new Order(prefix + "1", 1));

        assertThat(database.business()).containsExactly(prefix + "1", prefix + "2");
        assertThat(inbox("placing")).hasSize(2).allMatch(id -> id.matches("[0-9a-f]{64}"));
    }

    @Test
    @Scenario("messaging-27")
    void doesNotCallTheMethodWithoutAnId() {
        for (String id : new String[] {null, " "}) {
            assertThatExceptionOfType(MessageIdMissingException.class)
                    .isThrownBy(() -> listener.on(new Order(id, 1)))
                    .withMessageContaining("Listener.on (group placing)")
                    .withMessageContaining("'#order.id' gave")
                    .withMessageContaining("It was not called");
        }
        assertThatExceptionOfType(MessageIdMissingException.class)
                .isThrownBy(() -> listener.on(null))
                .withMessageContaining("'#order.id' failed");
        assertThatExceptionOfType(MessageIdMissingException.class)
                .isThrownBy(() -> listener.message(null, "text"))
                .withMessageContaining("the dev.tally.message.Message is null");
        assertThat(target.seen).isEmpty();
        assertThat(database.business()).isEmpty();
    }

    @Test
    void purgesRepliesByAge() throws Exception {
        listener.count(new Order("a", 7));
        JdbcReplyStore replies = new JdbcReplyStore(database.dataSource(), database.transactions(), database.dialect());

        assertThat(replies.purge(Duration.ofDays(1), 10)).isZero();
        database.jdbc().update("UPDATE tally_reply SET created_at = '2020-01-01 00:00:00'");
        assertThat(replies.purge(Duration.ofDays(1), 10)).isOne();
        assertThat(replies.find("counts", new MessageId("a"))).isNull();
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void call(Call call) {
        try {
            call.run();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
