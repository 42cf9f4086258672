package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.deadletter.DeadLetterFilter;
import dev.tally.consume.deadletter.DeadLetterOperations;
import dev.tally.half.CheckBack;
import dev.tally.half.HalfMessages;
import dev.tally.half.PreparedHalf;
import dev.tally.message.Message;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.rocketmq.RocketMqTransport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseBuilder;
import org.springframework.jdbc.datasource.embedded.EmbeddedDatabaseType;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Orders in H2 and bills in PostgreSQL, in one application that talks to one broker. */
class TwoDataSourcesTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private static Path directory;

    private static PostgresDatabase postgres;
    private static Broker broker;
    private static ConfigurableApplicationContext application;

    private JdbcTemplate orders;
    private JdbcTemplate bills;
    private Desk desk;
    private Seen seen;
    private LosingDecisions halfMessages;
    private final String id = UUID.randomUUID().toString();

    @BeforeAll
    static void start() {
        postgres = PostgresDatabase.create();
        broker = Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .checkImmunity(Duration.ofMillis(500))
                .checkInterval(Duration.ofMillis(500))
                .build());
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--rocketmq.name-server=" + broker.address(),
                        "--tally.outbox.instance=here",
                        "--tally.rocketmq.close-timeout=1s",
                        "--tally.jdbc.initialize-schema=always");
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
        }
        broker.close();
        postgres.close();
    }

    @BeforeEach
    void lookUp() {
        orders = new JdbcTemplate(application.getBean("ordersDataSource", DataSource.class));
        bills = new JdbcTemplate(postgres.dataSource());
        desk = application.getBean(Desk.class);
        seen = application.getBean(Seen.class);
        halfMessages = application.getBean(LosingDecisions.class);
    }

    /** Not found by the other tests' applications, nor finding theirs. */
    @SpringBootConfiguration
    @EnableAutoConfiguration(
            exclude = {HibernateJpaAutoConfiguration.class, DataJpaRepositoriesAutoConfiguration.class})
    static class Application {

        @Bean
        @Primary
        DataSource ordersDataSource() {
            return new EmbeddedDatabaseBuilder()
                    .setType(EmbeddedDatabaseType.H2)
                    .generateUniqueName(true)
                    .build();
        }

        @Bean(destroyMethod = "")
        DataSource billsDataSource() {
            return postgres.dataSource();
        }

        @Bean
        @Primary
        PlatformTransactionManager ordersTransactions(DataSource dataSource) {
            return new JdbcTransactionManager(dataSource);
        }

        @Bean
        LocalContainerEntityManagerFactoryBean billsEntities(@Qualifier("billsDataSource") DataSource dataSource) {
            HibernateJpaVendorAdapter vendor = new HibernateJpaVendorAdapter();
            vendor.setGenerateDdl(true);
            LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
            factory.setPersistenceUnitName("bills");
            factory.setDataSource(dataSource);
            factory.setJpaVendorAdapter(vendor);
            factory.setManagedTypes(PersistenceManagedTypes.of(Bill.class.getName()));
            return factory;
        }

        @Bean
        PlatformTransactionManager billsTransactions(EntityManagerFactory entities) {
            return new JpaTransactionManager(entities);
        }

        @Bean
        TallyDataSource bills(
                @Qualifier("billsDataSource") DataSource dataSource,
                @Qualifier("billsTransactions") PlatformTransactionManager transactions) {
            return TallyDataSource.of("bills", dataSource, transactions);
        }

        @Bean
        @Primary
        LosingDecisions halfMessages(RocketMqTransport transport) {
            return new LosingDecisions(transport);
        }

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }

        @Bean
        Desk desk(MessagePublisher publisher, EntityManagerFactory entities) {
            return new Desk(publisher, SharedEntityManagerCreator.createSharedEntityManager(entities));
        }

        @Bean
        Clerk clerk(EntityManagerFactory entities) {
            return new Clerk(SharedEntityManagerCreator.createSharedEntityManager(entities));
        }

        @Bean
        Seen seen() {
            return new Seen();
        }
    }

    @Entity(name = "Bill")
    static class Bill {

        @Id
        String id;

        protected Bill() {}

        Bill(String id) {
            this.id = id;
        }
    }

    /** As if the process or the connection died between the database's commit and the broker's. */
    static final class LosingDecisions implements HalfMessages {

        private final HalfMessages delegate;
        final AtomicInteger prepared = new AtomicInteger();
        volatile boolean losing;

        LosingDecisions(HalfMessages delegate) {
            this.delegate = delegate;
        }

        @Override
        public CompletableFuture<List<PreparedHalf>> prepare(String transactionId, List<Message> messages) {
            prepared.incrementAndGet();
            return delegate.prepare(transactionId, messages);
        }

        @Override
        public CompletableFuture<Boolean> commit(List<PreparedHalf> halves) {
            return losing ? CompletableFuture.completedFuture(false) : delegate.commit(halves);
        }

        @Override
        public CompletableFuture<Boolean> rollback(List<PreparedHalf> halves) {
            return losing ? CompletableFuture.completedFuture(false) : delegate.rollback(halves);
        }

        @Override
        public void onCheckBack(CheckBack checkBack) {
            delegate.onCheckBack(checkBack);
        }
    }

    static class Desk {

        private final MessagePublisher publisher;
        private final EntityManager entities;

        Desk(MessagePublisher publisher, EntityManager entities) {
            this.publisher = publisher;
            this.entities = entities;
        }

        @TransactionalPublisher(topic = "events", payload = "'order ' + #id", via = Via.HALF_MESSAGE)
        public void order(String id, Runnable work) {
            publish("outbox of order " + id);
            work.run();
        }

        @TransactionalPublisher(
                topic = "events",
                payload = "'bill ' + #id",
                via = Via.HALF_MESSAGE,
                transactionManager = "billsTransactions")
        public void bill(String id, Runnable work) {
            publish("outbox of bill " + id);
            entities.persist(new Bill(id));
            work.run();
        }

        @TransactionalPublisher(topic = "events", payload = "'bill ' + #id", via = Via.HALF_MESSAGE)
        @Transactional(transactionManager = "billsTransactions", propagation = Propagation.REQUIRES_NEW)
        public void newBill(String id) {}

        private void publish(String text) {
            publisher.publish(
                    OutgoingMessage.to("events").payload(text).via(Via.OUTBOX).build());
        }
    }

    static class Seen {

        final List<String> texts = new CopyOnWriteArrayList<>();

        @IdempotentConsumer(topic = "events", group = "watchers")
        public void see(String text) {
            texts.add(text);
        }
    }

    /** Works in the second data source. */
    static class Clerk {

        private final EntityManager entities;
        final AtomicInteger calls = new AtomicInteger();
        volatile boolean ill;

        Clerk(EntityManager entities) {
            this.entities = entities;
        }

        @IdempotentConsumer(
                topic = "bills",
                group = "clerks",
                dataSource = "bills",
                deadLetterFor = IllegalStateException.class)
        public void write(String id) {
            calls.incrementAndGet();
            entities.persist(new Bill(id));
            if (ill) {
                throw new IllegalStateException("the clerk is ill");
            }
        }
    }

    static final class Changed extends RuntimeException {}

    private static void failing() {
        throw new Changed();
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }

    private void awaitSeen(String... texts) {
        patiently().until(() -> seen.texts.containsAll(List.of(texts)));
    }

    private List<String> seenOf(String id) {
        return seen.texts.stream().filter(text -> text.endsWith(id)).toList();
    }

    private void sendToClerk(String bill) {
        application.getBean(TransactionTemplate.class).executeWithoutResult(status -> application
                .getBean(MessagePublisher.class)
                .publish(OutgoingMessage.to("bills").payload(bill).build()));
    }

    @Test
    void aConsumerWorksInTheDataSourceThatItNamesWithInboxAndDeadLettersThere() {
        Clerk clerk = application.getBean(Clerk.class);
        sendToClerk("c1-" + id);
        patiently().until(() -> bills(1, "c1-" + id));
        assertThat(inboxOf(bills, "clerks")).isPositive();
        assertThat(inboxOf(orders, "clerks")).isZero();

        clerk.ill = true;
        sendToClerk("c2-" + id);
        DeadLetterAccess letters = deadLettersOf("bills");
        patiently().until(() -> letters.store().count(DeadLetterFilter.all().withGroup("clerks")) == 1);
        assertThat(bills(0, "c2-" + id)).isTrue();
        assertThat(count(orders, "tally_dead_letter")).isZero();

        clerk.ill = false;
        new DeadLetterOperations(
                        letters.store(),
                        entry -> {},
                        application.getBean("billsTransactions", PlatformTransactionManager.class))
                .replay(
                        new DeadLetterOperations.Act(DeadLetterFilter.all(), 10, "ada", "well again"),
                        new DeadLetterOperations.Pace(Double.POSITIVE_INFINITY, false));
        patiently().until(() -> bills(1, "c2-" + id));
    }

    private static DeadLetterAccess deadLettersOf(String dataSource) {
        for (DeadLetterAccess each : application.getBean(DeadLetterPlaces.class)) {
            if (each.dataSource().equals(dataSource)) {
                return each;
            }
        }
        throw new AssertionError("no dead letters of " + dataSource);
    }

    private boolean bills(int expected, String bill) {
        return Integer.valueOf(expected)
                .equals(bills.queryForObject("SELECT COUNT(*) FROM bill WHERE id = ?", Integer.class, bill));
    }

    private static int inboxOf(JdbcTemplate jdbc, String group) {
        Integer rows =
                jdbc.queryForObject("SELECT COUNT(*) FROM tally_inbox WHERE consumer_group = ?", Integer.class, group);
        return rows == null ? 0 : rows;
    }

    @Test
    void messagesLeaveWithTheTransactionOfTheirDataSource() {
        desk.order("1-" + id, () -> desk.bill("2-" + id, () -> {}));
        assertThatExceptionOfType(Changed.class)
                .isThrownBy(() -> desk.order("3-" + id, () -> {
                    desk.bill("4-" + id, () -> {});
                    failing();
                }));
        desk.order("5-" + id, () -> assertThatExceptionOfType(Changed.class)
                .isThrownBy(() -> desk.bill("6-" + id, TwoDataSourcesTest::failing)));

        awaitSeen(
                "order 1-" + id,
                "outbox of order 1-" + id,
                "bill 2-" + id,
                "outbox of bill 2-" + id,
                "bill 4-" + id,
                "outbox of bill 4-" + id,
                "order 5-" + id,
                "outbox of order 5-" + id);
        patiently().until(() -> count(orders, "tally_outbox") == 0 && count(bills, "tally_outbox") == 0);
        assertThat(seenOf(id)).hasSize(8);
    }

    @Scenario("messaging-22")
    @Test
    void theLedgerOfEachDataSourceAnswersForItsOwnTransactionsWhenTheDecisionIsLost() {
        halfMessages.losing = true;
        try {
            desk.order("1-" + id, () -> {});
            desk.bill("2-" + id, () -> {});
            desk.order("3-" + id, () -> desk.bill("4-" + id, () -> {}));
            assertThatExceptionOfType(Changed.class)
                    .isThrownBy(() -> desk.order("5-" + id, TwoDataSourcesTest::failing));
            assertThatExceptionOfType(Changed.class)
                    .isThrownBy(() -> desk.bill("6-" + id, TwoDataSourcesTest::failing));
            failAtTheCommit("billsTransactions", () -> desk.bill("7-" + id, () -> {}));
            failAtTheCommit("ordersTransactions", () -> desk.order("8-" + id, () -> {}));
        } finally {
            halfMessages.losing = false;
        }

        awaitSeen("order 1-" + id, "bill 2-" + id, "order 3-" + id, "bill 4-" + id);
        patiently()
                .until(() -> states(orders).containsValue("ROLLED_BACK")
                        && states(bills).containsValue("ROLLED_BACK"));
        assertThat(seenOf(id)).allMatch(text -> text.matches(".*(order [13]|bill [24])-.*"));
        assertThat(states(orders).keySet()).noneMatch(key -> key.contains("~"));
        assertThat(states(bills).keySet()).isNotEmpty().allMatch(key -> key.startsWith("bills~"));
        assertThat(application
                        .getBean(MeterRegistry.class)
                        .get("tally.half.undecided")
                        .tag("data.source", "bills")
                        .gauge()
                        .value())
                .isZero();
    }

    /** The broker has the half messages by then, and the ledger's row goes with the transaction. */
    private static void failAtTheCommit(String manager, Runnable work) {
        TransactionTemplate outer =
                new TransactionTemplate(application.getBean(manager, PlatformTransactionManager.class));
        assertThatExceptionOfType(Changed.class)
                .isThrownBy(() -> outer.executeWithoutResult(status -> {
                    work.run();
                    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                        @Override
                        public void beforeCommit(boolean readOnly) {
                            failing();
                        }
                    });
                }));
    }

    @Test
    void refusesToPublishWithAnotherTransactionThanTheMethodAskedFor() {
        TransactionTemplate billing =
                new TransactionTemplate(application.getBean("billsTransactions", PlatformTransactionManager.class));

        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> billing.executeWithoutResult(
                        outer -> desk.order("1-" + id, () -> desk.bill("2-" + id, () -> {}))))
                .withMessageContaining("Desk.bill");
        billing.executeWithoutResult(outer -> desk.order("3-" + id, () -> desk.newBill("4-" + id)));

        awaitSeen("order 3-" + id, "outbox of order 3-" + id, "bill 4-" + id);
        assertThat(seenOf(id)).hasSize(3);
    }

    @Test
    void entitiesOfAFurtherDataSourceAreWrittenBeforeItsMessagesAre() {
        desk.bill("1-" + id, () -> {});
        int before = halfMessages.prepared.get();

        assertThatExceptionOfType(DataIntegrityViolationException.class)
                .isThrownBy(() -> desk.bill("1-" + id, () -> {}));

        assertThat(halfMessages.prepared).hasValue(before);
    }

    @Test
    void eachHasItsRelayUnderANameOfItsOwnAndHealthTellsOfBoth() {
        assertThat(orders.queryForList(
                        "SELECT DISTINCT instance FROM tally_outbox_node WHERE instance IS NOT NULL", String.class))
                .containsExactly("here");
        assertThat(bills.queryForList(
                        "SELECT DISTINCT instance FROM tally_outbox_node WHERE instance IS NOT NULL", String.class))
                .containsExactly("here-bills");
        assertThat(application
                        .getBean("tallyHealthIndicator", HealthIndicator.class)
                        .health()
                        .getDetails())
                .containsKeys("pending", "dataSources")
                .extractingByKey("dataSources")
                .asString()
                .contains("bills", "pending");
    }

    private static long count(JdbcTemplate jdbc, String table) {
        Long rows = jdbc.queryForObject("SELECT count(*) FROM " + table, Long.class);
        return rows == null ? 0 : rows;
    }

    private static Map<String, String> states(JdbcTemplate jdbc) {
        return jdbc.query("SELECT transaction_id, state FROM tally_transaction", rows -> {
            Map<String, String> states = new HashMap<>();
            while (rows.next()) {
                states.put(rows.getString(1), rows.getString(2));
            }
            return states;
        });
    }
}
