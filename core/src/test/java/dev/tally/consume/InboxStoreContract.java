package dev.tally.consume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.message.MessageId;
import dev.tally.testing.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.IllegalTransactionStateException;

/** What every inbox promises. */
abstract class InboxStoreContract {

    private final ExecutorService other = Executors.newFixedThreadPool(4);
    private TestDatabase database;
    private InboxStore inbox;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void create() {
        database = createDatabase();
        inbox = new JdbcInboxStore(database.dataSource(), database.transactions(), database.dialect());
    }

    @AfterEach
    void close() {
        other.shutdownNow();
        database.close();
    }

    private static List<MessageId> ids(String... values) {
        return Arrays.stream(values).map(MessageId::new).toList();
    }

    private Set<MessageId> insert(String group, String... values) {
        return database.transaction().execute(status -> inbox.insertNew(group, ids(values)));
    }

    @Scenario("messaging-23")
    @Test
    void eachGroupTakesEachMessageOnce() {
        assertThat(insert("stock", "b", "a", "b")).containsExactlyElementsOf(ids("b", "a"));
        assertThat(insert("stock", "a", "c")).containsExactlyElementsOf(ids("c"));
        assertThat(insert("billing", "a")).containsExactlyElementsOf(ids("a"));
    }

    @Test
    void aDuplicateLeavesTheTransactionUsable() {
        insert("stock", "a");
        database.transaction().executeWithoutResult(status -> {
            assertThat(inbox.insertNew("stock", ids("a"))).isEmpty();
            database.business("goes on");
        });

        assertThat(database.business()).containsExactly("goes on");
    }

    @Test
    void aMessageOfARolledBackTransactionIsNewAgain() {
        database.transaction().executeWithoutResult(status -> {
            inbox.insertNew("stock", ids("a"));
            status.setRollbackOnly();
        });

        assertThat(insert("stock", "a")).hasSize(1);
    }

    @Scenario("messaging-23")
    @Test
    void aConcurrentDuplicateWaitsForTheOtherAndIsThenADuplicate() throws Exception {
        assertThat(insertWhileAnotherHasIt(false)).isEmpty();
    }

    @Scenario("messaging-23")
    @Test
    void aConcurrentDuplicateWaitsForTheOtherAndIsNewWhenThatRollsBack() throws Exception {
        assertThat(insertWhileAnotherHasIt(true)).containsExactlyElementsOf(ids("a"));
    }

    private Set<MessageId> insertWhileAnotherHasIt(boolean rollBack) throws Exception {
        AtomicReference<CompletableFuture<Set<MessageId>>> second = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        database.transaction().executeWithoutResult(status -> {
            inbox.insertNew("stock", ids("a"));
            second.set(CompletableFuture.supplyAsync(
                    () -> database.transaction().execute(s -> {
                        begun.countDown();
                        return inbox.insertNew("stock", ids("a"));
                    }),
                    other));
            try {
                assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            assertThat(second.get()).isNotDone();
            if (rollBack) {
                status.setRollbackOnly();
            }
        });
        return second.get().get(60, TimeUnit.SECONDS);
    }

    @Test
    void refusesToWorkOutsideATransaction() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> inbox.insertNew("stock", ids("a")))
                .withMessageContaining("stock");
    }

    @Test
    void purgesOldRowsInBoundedBatches() {
        insert("stock", "a", "b", "c");
        database.jdbc().update("UPDATE tally_inbox SET handled_at = handled_at - INTERVAL '2' HOUR");
        insert("stock", "d");

        assertThat(inbox.purge(Duration.ofHours(1), 2)).isEqualTo(2);
        assertThat(inbox.purge(Duration.ofHours(1), 2)).isEqualTo(1);
        assertThat(database.jdbc().queryForList("SELECT message_id FROM tally_inbox", String.class))
                .containsExactly("d");
    }
}
