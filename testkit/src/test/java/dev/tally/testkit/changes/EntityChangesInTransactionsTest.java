package dev.tally.testkit.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.outbox.change.EntityChange;
import dev.tally.outbox.change.EntityChange.PropertyChange;
import dev.tally.testkit.H2Database;
import dev.tally.testkit.changes.Shop.Customer;
import dev.tally.testkit.changes.Shop.Invoice;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** When in a transaction changes are found, and what becomes of them; where transactions are marked and where not. */
class EntityChangesInTransactionsTest {

    private ShopDatabase shop;

    private void open(boolean marked) {
        shop = new ShopDatabase(H2Database.inMemory(), Shop.ENTITIES, marked);
        shop.in(() -> {
            shop.entities.persist(new Customer(1, "Anna"));
            shop.entities.persist(new Customer(2, "Bert"));
        });
        assertThat(shop.changes()).containsExactly("CREATED customer/1", "CREATED customer/2");
        shop.batches.clear();
        shop.outcomes.clear();
    }

    @AfterEach
    void close() {
        assertThat(TransactionSynchronizationManager.getResourceMap()).isEmpty();
        assertThat(TransactionSynchronizationManager.isSynchronizationActive()).isFalse();
        shop.close();
    }

    private Customer customer(long id) {
        return shop.entities.find(Customer.class, id);
    }

    private static void beforeCommit(Runnable work) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void beforeCommit(boolean readOnly) {
                work.run();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void leaveTogetherWithOtherMessagesInOneBatch(boolean marked) {
        open(marked);

        shop.in(() -> {
            customer(1).name = "Ann";
            shop.publisher.publish("other", null, "by hand");
            customer(2).name = "Bertram";
        });

        assertThat(shop.batches).containsExactly(3);
        assertThat(shop.jdbc.queryForList("SELECT topic FROM published ORDER BY seq", String.class))
                .endsWith("other", "customers", "customers");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areFoundByAFlushThatAQueryBringsAboutAndByTheLastOneWithinTheCommit(boolean marked) {
        open(marked);

        shop.in(() -> {
            customer(1).name = "Ann";
            assertThat(shop.entities
                            .createQuery("SELECT count(*) FROM Customer", Long.class)
                            .getSingleResult())
                    .isEqualTo(2);
            customer(1).name = "Annabel";
            customer(2).name = "Bertram";
        });

        assertThat(shop.published())
                .extracting(each -> each.change().changed())
                .containsExactly(
                        Map.of("name", new PropertyChange("Anna", "Annabel")),
                        Map.of("name", new PropertyChange("Bert", "Bertram")));
        assertThat(shop.batches).containsExactly(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areNotForgottenWhenSomebodyChangesEntitiesAfterMessagesWereHandedOver(boolean marked) {
        open(marked);

        shop.in(() -> {
            shop.publisher.publish("other", null, "by hand");
            customer(1).name = "Ann";
            beforeCommit(() -> {
                customer(1).name = "Annabel";
                customer(2).name = "Bertram";
            });
        });

        assertThat(shop.published())
                .extracting(each -> each.change().id() + " " + each.change().changed())
                .containsExactly(
                        "1 {name=PropertyChange[from=Anna, to=Ann]}",
                        "1 {name=PropertyChange[from=Ann, to=Annabel]}",
                        "2 {name=PropertyChange[from=Bert, to=Bertram]}");
        assertThat(shop.batches).containsExactly(2, 2);
        assertThat(shop.outcomes).containsExactly("committed", "committed");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void goWithTheSavepointThatIsRolledBack(boolean marked) {
        open(marked);

        shop.in(() -> {
            Object before = "before the first change";
            savepoint(before);
            change(1, "gone too");
            rollbackTo(before);
            change(1, "stays");
            Object first = "first";
            savepoint(first);
            change(2, "gone");
            Object second = "second";
            savepoint(second);
            change(2, "gone as well");
            rollbackTo(first);
            change(1, "last");
        });

        EntityChange change = shop.change();
        assertThat(change.changed().get("name").to()).isEqualTo("last");
    }

    /** As transaction managers tell, whatever makes the savepoint itself. */
    private static void savepoint(Object savepoint) {
        TransactionSynchronizationManager.getSynchronizations().forEach(each -> each.savepoint(savepoint));
    }

    private static void rollbackTo(Object savepoint) {
        TransactionSynchronizationManager.getSynchronizations().forEach(each -> each.savepointRollback(savepoint));
    }

    private void change(long id, String name) {
        customer(id).name = name;
        shop.entities.flush();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void belongToTheInnermostTransaction(boolean marked) {
        open(marked);
        TransactionTemplate inner = shop.transaction();
        inner.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);

        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> shop.in(() -> {
                    change(1, "rolled back");
                    inner.executeWithoutResult(status -> change(2, "committed"));
                    assertThat(shop.changes()).containsExactly("UPDATED customer/2");
                    change(1, "rolled back again");
                    throw new IllegalArgumentException("business");
                }));

        assertThat(shop.published()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void makeTheCommitFailWhereTheyCannotBeHandedOver(boolean marked) {
        open(marked);
        shop.jdbc.execute("ALTER TABLE published ADD CONSTRAINT short CHECK (payload NOT LIKE '%refused%')");

        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> shop.in(() -> customer(1).name = "refused"))
                .withStackTraceContaining("SHORT");
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(() -> shop.in(() -> {
                    shop.publisher.publish("other", null, "by hand");
                    beforeCommit(() -> customer(1).name = "refused");
                }))
                .withStackTraceContaining("SHORT");

        assertThat(shop.published()).isEmpty();
        shop.in(() -> assertThat(customer(1).name).isEqualTo("Anna"));
        assertThat(shop.jdbc.queryForObject("SELECT count(*) FROM published WHERE topic = 'other'", Integer.class))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areRolledBackWithATransactionThatSomebodysTransactionExceptionEnds(boolean marked) {
        open(marked);

        assertThatExceptionOfType(CannotCreateTransactionException.class)
                .isThrownBy(() -> shop.in(() -> {
                    change(1, "gone");
                    TransactionSynchronizationManager.registerSynchronization(new Failing());
                }));

        assertThat(shop.published()).isEmpty();
        shop.in(() -> customer(1).name = "Ann");
        assertThat(shop.change().changed()).isEqualTo(Map.of("name", new PropertyChange("Anna", "Ann")));
    }

    /** Before the messages are handed over, as most synchronizations are. */
    private static final class Failing implements TransactionSynchronization {

        @Override
        public int getOrder() {
            return 0;
        }

        @Override
        public void beforeCommit(boolean readOnly) {
            throw new CannotCreateTransactionException("no connection for the audit");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areRefusedOutsideOfSpringsTransactions(boolean marked) {
        open(marked);
        try (EntityManager own = shop.factory.createEntityManager()) {
            own.getTransaction().begin();
            own.find(Customer.class, 1L).name = "unseen";
            assertThatExceptionOfType(RuntimeException.class)
                    .isThrownBy(() -> own.getTransaction().commit())
                    .havingRootCause()
                    .isInstanceOf(IllegalTransactionStateException.class)
                    .withMessageContaining("'customers'")
                    .withMessageContaining("there is no transaction");
        }

        shop.in(() -> assertThat(customer(1).name).isEqualTo("Anna"));
        assertThat(shop.published()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofASessionThatOutlivesARolledBackTransactionDoNotReachTheNext(boolean marked) {
        open(marked);
        try (EntityManager extended = shop.factory.createEntityManager()) {
            TransactionSynchronizationManager.bindResource(
                    shop.factory, new org.springframework.orm.jpa.EntityManagerHolder(extended));
            try {
                shop.transaction().executeWithoutResult(status -> {
                    extended.find(Customer.class, 1L).name = "rolled back";
                    extended.flush();
                    status.setRollbackOnly();
                });
                extended.clear();
                shop.in(() -> extended.find(Customer.class, 2L).name = "Bertram");
            } finally {
                TransactionSynchronizationManager.unbindResource(shop.factory);
            }
        }

        assertThat(shop.changes()).containsExactly("UPDATED customer/2");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void areTakenOnceHoweverOftenPublishingIsInstalled(boolean marked) {
        open(marked);
        shop.install(() -> {
            throw new IllegalStateException("the first one stays");
        });

        shop.in(() -> shop.entities.persist(new Invoice(1)));

        assertThat(shop.changes()).isEqualTo(List.of("CREATED Invoice/1"));
    }
}
