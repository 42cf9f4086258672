package dev.tally.publish.jpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.MessageId;
import dev.tally.publish.PublishListener;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** JPA and JdbcTemplate in one transaction, messages with them, on every database. */
abstract class JpaPendingChangesContract {

    @Entity
    @Table(name = "business")
    static class Business {

        @Id
        String what;

        Business() {}

        Business(String what) {
            this.what = what;
        }
    }

    record Done(String what) {}

    private TestDatabase database;
    private final RecordingPath outbox = new RecordingPath();
    private final List<Integer> rowsSeenByThePath = new ArrayList<>();
    private EntityManagerFactory factory;
    private EntityManager entityManager;
    private JpaTransactionManager transactions;
    private TransactionalMessagePublisher publisher;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void create() {
        database = createDatabase();
        database.jdbc().execute("ALTER TABLE business ADD CONSTRAINT once UNIQUE (what)");
        LocalContainerEntityManagerFactoryBean bean = new LocalContainerEntityManagerFactoryBean();
        bean.setDataSource(database.dataSource());
        bean.setManagedTypes(PersistenceManagedTypes.of(Business.class.getName()));
        bean.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
        bean.afterPropertiesSet();
        factory = bean.getObject();
        entityManager = SharedEntityManagerCreator.createSharedEntityManager(factory);
        transactions = new JpaTransactionManager(factory);
        PublishingPath counting = messages -> {
            rowsSeenByThePath.add(database.business().size());
            return outbox.prepare(messages);
        };
        publisher = new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m"),
                database.dataSource(),
                Map.of(Via.OUTBOX, counting),
                List.of(new JpaPendingChanges(factory)),
                new PublishListener() {},
                InstantSource.system());
    }

    @AfterEach
    void close() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        factory.close();
        database.close();
    }

    @Scenario("messaging-3")
    @Test
    void entitiesRowsAndMessagesCommitTogether() {
        new TransactionTemplate(transactions).executeWithoutResult(status -> {
            publisher.publish("t", null, new Done("x"));
            entityManager.persist(new Business("by entity"));
            database.business("by statement");
        });

        assertThat(database.business()).containsExactly("by entity", "by statement");
        assertThat(outbox.left).hasSize(1);
        // The entity was not flushed by its query: the path saw it because it was flushed before.
        assertThat(rowsSeenByThePath).containsExactly(2);
    }

    @Scenario("messaging-3")
    @Test
    void entitiesRowsAndMessagesRollBackTogetherWhenTheFlushFails() {
        database.business("taken");

        assertThatThrownBy(() -> new TransactionTemplate(transactions).executeWithoutResult(status -> {
                    entityManager.persist(new Business("taken"));
                    database.business("by statement");
                    publisher.publish("t", null, new Done("x"));
                }))
                .isInstanceOf(DataIntegrityViolationException.class);

        assertThat(database.business()).containsExactly("taken");
        assertThat(rowsSeenByThePath).isEmpty();
        assertThat(outbox.left).isEmpty();
    }

    @Test
    void doesNothingInATransactionWithoutAnEntityManager() {
        database.transaction().executeWithoutResult(status -> publisher.publish("t", null, new Done("x")));

        assertThat(outbox.left).hasSize(1);
    }

    @Test
    void doesNothingForAnEntityManagerThatIsNotPartOfTheTransaction() {
        database.transaction().executeWithoutResult(status -> {
            assertThat(entityManager.find(Business.class, "none")).isNull();
            publisher.publish("t", null, new Done("x"));
        });

        assertThat(outbox.left).hasSize(1);
    }

    @Test
    void theLedgerWorksUnderJpa() {
        JdbcTransactionLedger ledger =
                new JdbcTransactionLedger(database.dataSource(), transactions, database.dialect());
        new TransactionTemplate(transactions).executeWithoutResult(status -> {
            entityManager.persist(new Business("x"));
            ledger.recordCommitted("t");
            assertThat(ledger.resolve("other")).isEqualTo(CheckBackAnswer.ROLLBACK);
        });

        assertThat(ledger.resolve("t")).isEqualTo(CheckBackAnswer.COMMIT);
        assertThat(database.business()).containsExactly("x");
    }
}
