package dev.tally.testkit.changes;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.change.EntityChange;
import dev.tally.outbox.change.EntityChangeReader;
import dev.tally.outbox.hibernate.EntityChangePublication;
import dev.tally.publish.DeferredPublisher;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import dev.tally.publish.TransactionMarks;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.publish.jpa.JpaPendingChanges;
import dev.tally.testkit.TestDatabase;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.hibernate.SessionFactory;
import org.hibernate.stat.Statistics;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** Entities over one database, and a table into which messages are written within their transaction. */
final class ShopDatabase implements AutoCloseable {

    final JacksonPayloadCodec codec = new JacksonPayloadCodec(new JsonMapper());
    final EntityChangeReader reader = new EntityChangeReader(codec);
    final EntityManagerFactory factory;
    final EntityManager entities;
    final JpaTransactionManager transactions;
    final TransactionalMessagePublisher publisher;
    final JdbcTemplate jdbc;
    final List<Integer> batches = new ArrayList<>();
    final List<String> outcomes = new ArrayList<>();
    private final TestDatabase database;
    private int read;

    /** What a message was about. */
    record Published(String topic, String tag, String key, EntityChange change) {}

    ShopDatabase(TestDatabase database) {
        this(database, Shop.ENTITIES, true);
    }

    /** @param marked whether the transaction manager's transactions have marks */
    ShopDatabase(TestDatabase database, List<Class<?>> classes, boolean marked) {
        this.database = database;
        this.jdbc = new JdbcTemplate(database.dataSource());
        this.factory = factory(database, classes);
        this.entities = SharedEntityManagerCreator.createSharedEntityManager(factory);
        this.transactions = new JpaTransactionManager(factory);
        if (marked) {
            TransactionMarks.on(transactions);
        }
        jdbc.execute("CREATE TABLE published (seq INT, topic VARCHAR(50), tag VARCHAR(50), message_key VARCHAR(50),"
                + " type VARCHAR(50), payload VARCHAR(4000))");
        AtomicInteger counter = new AtomicInteger();
        this.publisher = new TransactionalMessagePublisher(
                codec,
                () -> new MessageId("m" + counter.incrementAndGet()),
                database.dataSource(),
                Map.of(Via.OUTBOX, intoTheTable()),
                List.of(new JpaPendingChanges(factory)),
                new PublishListener() {},
                InstantSource.system());
        install(() -> publisher);
    }

    void install(Supplier<DeferredPublisher> from) {
        EntityChangePublication.install(factory, from, text -> text.replace("${customers}", "customers"));
    }

    private static EntityManagerFactory factory(TestDatabase database, List<Class<?>> classes) {
        LocalContainerEntityManagerFactoryBean bean = new LocalContainerEntityManagerFactoryBean();
        bean.setDataSource(database.dataSource());
        bean.setResourceLoader(new DefaultResourceLoader(classes.get(0).getClassLoader()));
        bean.setManagedTypes(
                PersistenceManagedTypes.of(classes.stream().map(Class::getName).toArray(String[]::new)));
        bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
        Properties properties = new Properties();
        properties.setProperty("hibernate.hbm2ddl.auto", "create");
        properties.setProperty("hibernate.jdbc.batch_size", "20");
        properties.setProperty("hibernate.order_inserts", "true");
        properties.setProperty("hibernate.order_updates", "true");
        properties.setProperty("hibernate.generate_statistics", "true");
        bean.setJpaProperties(properties);
        bean.afterPropertiesSet();
        return bean.getObject();
    }

    private PublishingPath intoTheTable() {
        AtomicInteger sequence = new AtomicInteger();
        return messages -> {
            batches.add(messages.size());
            for (Message message : messages) {
                jdbc.update(
                        "INSERT INTO published VALUES (?, ?, ?, ?, ?, ?)",
                        sequence.incrementAndGet(),
                        message.destination().topic(),
                        message.destination().tag(),
                        message.key(),
                        message.type(),
                        new String(message.payload(), StandardCharsets.UTF_8));
            }
            return new Settlement() {
                @Override
                public void committed() {
                    outcomes.add("committed");
                }

                @Override
                public void rolledBack() {
                    outcomes.add("rolledBack");
                }

                @Override
                public void unknown() {
                    outcomes.add("unknown");
                }
            };
        };
    }

    Statistics statistics() {
        return factory.unwrap(SessionFactory.class).getStatistics();
    }

    TransactionTemplate transaction() {
        return new TransactionTemplate(transactions);
    }

    void in(Runnable work) {
        transaction().executeWithoutResult(status -> work.run());
    }

    /** The changes that were published and committed since this was asked last. */
    List<Published> published() {
        List<Published> all = jdbc.query(
                "SELECT topic, tag, message_key, payload FROM published WHERE type = 'entity-change' ORDER BY seq",
                (row, number) -> new Published(
                        row.getString(1),
                        row.getString(2),
                        row.getString(3),
                        reader.read(row.getString(4).getBytes(StandardCharsets.UTF_8))));
        List<Published> fresh = all.subList(read, all.size());
        read = all.size();
        return fresh;
    }

    /** The only change since this was asked last. */
    EntityChange change() {
        List<Published> published = published();
        if (published.size() != 1) {
            throw new AssertionError("not one change but " + published);
        }
        return published.get(0).change();
    }

    /** Changes since this was asked last, as {@code operation entity/id}. */
    List<String> changes() {
        return published().stream()
                .map(Published::change)
                .map(change -> change.operation() + " " + change.entity() + "/" + change.id())
                .toList();
    }

    @Override
    public void close() {
        factory.close();
        database.close();
    }
}
