package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tally.consume.InboxStore;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.message.MessageId;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What an inbox guarantees on every database: each group takes each message once. A database is added by a subclass that
 * says how to open it; an inbox of one's own by {@link #createInbox}.
 *
 * @since 0.1
 */
public abstract class InboxStoreContract {

    private final ExecutorService other = Executors.newFixedThreadPool(4);
    private TestDatabase database;
    private JdbcTransactionManager transactions;
    private InboxStore inbox;

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /**
     * The inbox under test, on a database that {@link #createDatabase} opened; Tally's own if this is not overridden.
     *
     * @param transactions the transaction manager that the suite's transactions run with
     */
    protected InboxStore createInbox(TestDatabase database, PlatformTransactionManager transactions) {
        return new JdbcInboxStore(database.dataSource(), transactions, database.dialect());
    }

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    protected InboxStoreContract() {}

    @BeforeEach
    void open() {
        database = createDatabase();
        transactions = new JdbcTransactionManager(database.dataSource());
        inbox = createInbox(database, transactions);
        jdbc().execute("CREATE TABLE business (what VARCHAR(255) NOT NULL)");
    }

    @AfterEach
    void close() {
        other.shutdownNow();
        database.close();
    }

    InboxStore inbox() {
        return inbox;
    }

    JdbcTemplate jdbc() {
        return new JdbcTemplate(database.dataSource());
    }

    private TransactionTemplate transaction() {
        return new TransactionTemplate(transactions);
    }

    private static List<MessageId> ids(String... values) {
        return Arrays.stream(values).map(MessageId::new).toList();
    }

    Set<MessageId> insert(String group, String... values) {
        return Objects.requireNonNull(transaction().execute(status -> inbox.insertNew(group, ids(values))));
    }

    @Scenario("messaging-23")
    @Test
    void eachGroupTakesEachMessageOnce() {
        assertThat(insert("stock", "b", "a", "b")).containsExactlyElementsOf(ids("b", "a"));
        assertThat(insert("stock", "a", "c")).containsExactlyElementsOf(ids("c"));
        assertThat(insert("billing", "a")).containsExactlyElementsOf(ids("a"));
    }

    @Scenario("messaging-23")
    @Test
    void ofManyMessagesItTellsTheNewOnes() {
        String[] all = IntStream.range(0, 1200).mapToObj(i -> "m" + i).toArray(String[]::new);
        String[] some = Arrays.copyOfRange(all, 300, 700);

        assertThat(insert("stock", some)).containsExactlyElementsOf(ids(some));
        assertThat(insert("stock", all)).hasSize(800).doesNotContainAnyElementsOf(ids(some));
        assertThat(insert("stock", all)).isEmpty();
    }

    @Test
    void nothingAtAllIsNothingNew() {
        assertThat(insert("stock")).isEmpty();
    }

    @Test
    void aDuplicateLeavesTheTransactionUsable() {
        insert("stock", "a");
        transaction().executeWithoutResult(status -> {
            assertThat(inbox.insertNew("stock", ids("a"))).isEmpty();
            jdbc().update("INSERT INTO business (what) VALUES (?)", "goes on");
        });

        assertThat(jdbc().queryForList("SELECT what FROM business", String.class))
                .containsExactly("goes on");
    }

    @Test
    void aMessageOfARolledBackTransactionIsNewAgain() {
        transaction().executeWithoutResult(status -> {
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
        AtomicReference<@Nullable CompletableFuture<Set<MessageId>>> second = new AtomicReference<>();
        CountDownLatch begun = new CountDownLatch(1);
        transaction().executeWithoutResult(status -> {
            inbox.insertNew("stock", ids("a"));
            second.set(CompletableFuture.supplyAsync(
                    () -> Objects.requireNonNull(transaction().execute(s -> {
                        begun.countDown();
                        return inbox.insertNew("stock", ids("a"));
                    })),
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
        return Objects.requireNonNull(second.get()).get(60, TimeUnit.SECONDS);
    }

    @Test
    void refusesToWorkOutsideATransaction() {
        assertThatExceptionOfType(IllegalTransactionStateException.class)
                .isThrownBy(() -> inbox.insertNew("stock", ids("a")))
                .withMessageContaining("stock");
    }

    @Test
    void purgesNoMoreThanItIsToldAndNothingYoung() {
        insert("stock", "a", "b", "c");

        assertThat(inbox.purge(Duration.ofHours(1), 10)).isZero();
        assertThat(inbox.purge(Duration.ZERO, 2)).isEqualTo(2);
        assertThat(inbox.purge(Duration.ZERO, 2)).isEqualTo(1);
        assertThat(insert("stock", "a")).hasSize(1);
    }
}
