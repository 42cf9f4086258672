package dev.tally.testkit.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.outbox.change.EntityChange.PropertyChange;
import dev.tally.publish.TransactionMarks;
import dev.tally.testkit.H2Database;
import dev.tally.testkit.changes.Shop.Customer;
import dev.tally.testkit.changes.Shop.Invoice;
import jakarta.persistence.EntityManager;
import java.util.Map;
import org.hibernate.SessionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.hibernate.HibernateTransactionManager;
import org.springframework.transaction.NestedTransactionNotSupportedException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Nested transactions, as Spring's managers for Hibernate have them or not. */
class SavepointsOfEntityChangesTest {

    private final ShopDatabase shop = new ShopDatabase(H2Database.inMemory());

    @BeforeEach
    void open() {
        shop.in(() -> {
            shop.entities.persist(new Customer(1, "Anna"));
            shop.entities.persist(new Customer(2, "Bert"));
        });
        assertThat(shop.changes()).containsExactly("CREATED customer/1", "CREATED customer/2");
    }

    @AfterEach
    void close() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        shop.close();
    }

    private static TransactionTemplate nested(AbstractPlatformTransactionManager transactions) {
        TransactionTemplate nested = new TransactionTemplate(transactions);
        nested.setPropagationBehavior(TransactionDefinition.PROPAGATION_NESTED);
        return nested;
    }

    private static void rename(EntityManager entities, long id, String name) {
        entities.find(Customer.class, id).name = name;
        entities.flush();
    }

    @Test
    void theManagerOfJpaHasNoneAndTheOuterTransactionGoesOnWithoutThem() {
        shop.transactions.setNestedTransactionAllowed(true);

        shop.in(() -> {
            rename(shop.entities, 1, "Ann");
            assertThatExceptionOfType(NestedTransactionNotSupportedException.class)
                    .isThrownBy(() -> nested(shop.transactions)
                            .executeWithoutResult(status -> rename(shop.entities, 2, "never")));
        });

        assertThat(shop.change().changed()).isEqualTo(Map.of("name", new PropertyChange("Anna", "Ann")));
    }

    @Test
    void theManagerOfHibernateHasThemAndChangesGoWithTheirSavepoint() {
        SessionFactory sessions = shop.factory.unwrap(SessionFactory.class);
        EntityManager entities = SharedEntityManagerCreator.createSharedEntityManager(sessions);
        HibernateTransactionManager transactions = new HibernateTransactionManager(sessions);
        transactions.setNestedTransactionAllowed(true);
        TransactionMarks.on(transactions);

        new TransactionTemplate(transactions).executeWithoutResult(status -> {
            rename(entities, 1, "Ann");
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> nested(transactions).executeWithoutResult(inner -> {
                        rename(entities, 2, "gone");
                        entities.persist(new Invoice(7));
                        entities.flush();
                        throw new IllegalArgumentException("business");
                    }));
            entities.clear(); // what a session has in memory, no savepoint brings back
            nested(transactions).executeWithoutResult(inner -> rename(entities, 2, "Bertram"));
        });

        assertThat(shop.published())
                .extracting(each -> each.change().id() + " " + each.change().changed())
                .containsExactly(
                        "1 {name=PropertyChange[from=Anna, to=Ann]}", "2 {name=PropertyChange[from=Bert, to=Bertram]}");
        assertThat(shop.jdbc.queryForList("SELECT name FROM customer ORDER BY id", String.class))
                .containsExactly("Ann", "Bertram");
    }
}
