package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.Fate;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What the outbox store guarantees on every database. A database is added by a subclass that says how to open it.
 *
 * @since 0.1
 */
public abstract class OutboxStoreContract {

    private static final Duration EXPIRY = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofSeconds(30);

    private TestDatabase database;
    private JdbcOutboxStore store;
    private TransactionTemplate transactions;

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    protected OutboxStoreContract() {}

    @BeforeEach
    void open() {
        database = createDatabase();
        store = JdbcOutboxStore.create(database.dataSource(), database.dialect());
        transactions = new TransactionTemplate(new DataSourceTransactionManager(database.dataSource()));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Message message(String id) {
        return new Message(
                new MessageId(id), new Destination("t", "tag"), "k", "type", Headers.empty(), new byte[] {0, -1});
    }

    private List<OutboxEntry> insert(String owner, String... ids) {
        List<Message> messages =
                List.of(ids).stream().map(OutboxStoreContract::message).toList();
        return Objects.requireNonNull(transactions.execute(status -> store.insert(owner, messages)));
    }

    @Test
    void refusesToInsertOutsideATransaction() {
        assertThatThrownBy(() -> store.insert("n", List.of(message("a"))))
                .isInstanceOf(IllegalTransactionStateException.class);
    }

    @Test
    @Scenario("messaging-11")
    void givesBackWhatWasStoredUnchanged() {
        byte[] large = new byte[4 << 20];
        large[large.length - 1] = 7;
        Headers headers = Headers.of(Map.of("größe", "line 1\nline 2 \u20ac", "trace", ""));
        Message stored = new Message(
                new MessageId("i".repeat(64)), new Destination("t", null), "ключ".repeat(256), "type", headers, large);
        Message empty = new Message(
                new MessageId("e"), new Destination("t", "tag"), null, "type", Headers.empty(), new byte[0]);
        transactions.executeWithoutResult(status -> store.insert("n", List.of(stored, empty)));
        List<OutboxEntry> read = store.readAfter(List.of("n"), 0, 10).entries();
        assertThat(read).hasSize(2);
        requireSame(read.get(0).message(), stored);
        requireSame(read.get(1).message(), empty);
    }

    private static void requireSame(Message read, Message stored) {
        assertThat(read.toString()).isEqualTo(stored.toString());
        assertThat(read.destination()).isEqualTo(stored.destination());
        assertThat(read.headers()).isEqualTo(stored.headers());
        assertThat(Arrays.equals(read.payload(), stored.payload())).isTrue();
    }

    @Test
    void insertsABatchWithAscendingIdsAndReadsOwnersTogetherInTheirOrder() {
        List<OutboxEntry> first = insert("n", "a", "b");
        List<OutboxEntry> second = insert("n~", "c");
        insert("other", "x");
        List<OutboxEntry> third = insert("n", "d");
        assertThat(List.of(
                        first.get(0).id(),
                        first.get(1).id(),
                        second.get(0).id(),
                        third.get(0).id()))
                .isSorted();
        var page = store.readAfter(List.of("n", "n~"), first.get(0).id(), 2);
        assertThat(page.entries())
                .extracting(entry -> entry.message().id().value())
                .containsExactly("b", "c");
        assertThat(page.more()).isTrue();
        assertThat(store.ownersWithRows()).isEqualTo(Set.of("n", "n~", "other"));
    }

    @Test
    @Scenario("messaging-2")
    void knowsTheFateOfATransaction() {
        long committed = insert("n", "a").get(0).id();
        long[] rolledBack = new long[1];
        transactions.executeWithoutResult(status -> {
            rolledBack[0] = store.insert("n", List.of(message("b"))).get(0).id();
            assertThat(store.fateOf("n", rolledBack[0])).isEqualTo(Fate.UNDECIDED);
            status.setRollbackOnly();
        });
        assertThat(store.fateOf("n", committed)).isEqualTo(Fate.COMMITTED);
        assertThat(store.fateOf("n", rolledBack[0])).isEqualTo(Fate.ROLLED_BACK);
        assertThat(store.stats().pending()).isEqualTo(1);
    }

    @Test
    void completesOnlyWhatIsThere() {
        List<OutboxEntry> entries = insert("n", "a", "b", "c");
        List<Long> ids = entries.stream().map(OutboxEntry::id).toList();
        assertThat(store.complete("n", ids.subList(0, 2))).isEqualTo(2);
        assertThat(store.complete("n", ids)).isEqualTo(1);
        assertThat(store.stats().oldestPending()).isNull();
    }

    @Test
    @Scenario("messaging-6")
    void aNodeThatWasFencedChangesNothing() {
        store.register("n1", "n1~", null);
        store.register("n2", "n2~", null);
        long id = insert("n1", "a").get(0).id();
        assertThat(store.adopt("n2", "n1", EXPIRY)).isFalse();
        assertThat(store.recordFailure("n1", "n1", id, 1, "x")).isTrue();
        store.release("n1");
        assertThat(store.owners(EXPIRY)).filteredOn(OutboxOwner::orphaned).hasSize(1);
        assertThat(store.adopt("n2", "n1", EXPIRY)).isTrue();
        assertThat(store.heartbeat("n1")).isFalse();
        assertThat(store.heartbeat("n2")).isTrue();
        assertThat(store.recordFailure("n1", "n1", id, 2, "x")).isFalse();
        assertThat(store.park("n1", "n1", id, 2, "x")).isFalse();
        assertThat(store.park("n2", "n1", id, 2, "x")).isTrue();
        assertThat(store.forget("n2", "n1")).isTrue();
        assertThat(store.adoptUnlisted("n2", "n1")).isTrue();
        assertThat(store.adoptUnlisted("n1", "n1")).isFalse();
    }

    @Test
    void parksResumesAndDiscards() {
        store.register("n", "n~", null);
        List<OutboxEntry> entries = insert("n", "a", "b");
        entries.forEach(entry -> assertThat(store.park("n", "n", entry.id(), 3, "r".repeat(2000)))
                .isTrue());
        assertThat(store.ownersWithRows()).isEmpty();
        assertThat(store.parked(0, 10)).extracting("attempts").containsExactly(3, 3);
        assertThat(store.resume(entries.get(0).id())).isTrue();
        assertThat(store.discard(entries.get(1).id())).isTrue();
        assertThat(store.ownersWithRows()).isEqualTo(Set.of(OutboxStore.UNOWNED));
    }

    @Test
    @Scenario("messaging-11")
    void storesAPayloadOfSixtyFourMebibytes() {
        byte[] large = new byte[64 << 20];
        large[0] = 1;
        large[large.length - 1] = 2;
        Message stored =
                new Message(new MessageId("large"), new Destination("t", null), null, "type", Headers.empty(), large);
        transactions.executeWithoutResult(status -> store.insert("n", List.of(stored)));
        byte[] read =
                store.readAfter(List.of("n"), 0, 1).entries().get(0).message().payload();
        assertThat(Arrays.equals(read, large)).isTrue();
    }

    /** The tables are almost empty on purpose: databases then like to look at every row, also at those of others. */
    @Test
    void aRunningTransactionHoldsNobodyUp() {
        store.register("n", "n~", null);
        List<OutboxEntry> entries = insert("n", "a", "b", "c", "d");
        List<Long> ids = entries.stream().map(OutboxEntry::id).toList();
        transactions.executeWithoutResult(status -> {
            store.insert("n", List.of(message("open")));
            assertTimeoutPreemptively(SOON, () -> {
                assertThat(store.recordFailure("n", "n", ids.get(0), 1, "x")).isTrue();
                assertThat(store.park("n", "n", ids.get(0), 2, "x")).isTrue();
                assertThat(store.park("n", "n", ids.get(1), 2, "x")).isTrue();
                assertThat(store.resume(ids.get(0))).isTrue();
                assertThat(store.discard(ids.get(1))).isTrue();
                assertThat(store.complete("n", ids)).isEqualTo(2);
                assertThat(store.complete(OutboxStore.UNOWNED, ids)).isEqualTo(1);
                assertThat(store.ownersWithRows()).isEmpty();
                assertThat(store.heartbeat("n")).isTrue();
            });
        });
        assertThat(store.stats().pending()).isEqualTo(1);
    }

    @Test
    void tellsCaseAndTrailingSpacesApart() {
        List<String> owners = List.of("n", "N", "n ", "\u00f1");
        owners.forEach(owner -> store.register(owner, owner + "~", null));
        owners.forEach(owner -> insert(owner, "a"));
        assertThat(store.ownersWithRows()).containsExactlyInAnyOrderElementsOf(owners);
        for (String owner : owners) {
            assertThat(store.readAfter(List.of(owner), 0, 10).entries())
                    .extracting(OutboxEntry::owner)
                    .containsExactly(owner);
            assertThat(store.heartbeat(owner)).isTrue();
        }
    }

    /** Whatever time zones the machine, the driver and the server are in: this JVM has not run for long. */
    @Test
    void timesAreTheDatabasesAndInstants() {
        Instant before =
                ProcessHandle.current().info().startInstant().orElseThrow().minusSeconds(60);
        Instant after = before.plus(Duration.ofHours(2));
        store.register("n", "n~", null);
        long id = insert("n", "a").get(0).id();
        assertThat(store.owners(EXPIRY)).hasSize(2).allSatisfy(owner -> {
            assertThat(owner.orphaned()).isFalse();
            assertThat(owner.keeperHeartbeat()).isBetween(before, after);
        });
        assertThat(store.stats().oldestPending()).isBetween(Duration.ZERO, Duration.ofMinutes(10));
        assertThat(store.park("n", "n", id, 1, "x")).isTrue();
        assertThat(store.parked(0, 1).get(0).createdAt()).isBetween(before, after);
    }

    /** Nodes that look at the same owners and rows at the same time give way to each other without a failure. */
    @Test
    void nodesThatDoTheSameAtTheSameTimeDoNotFailEachOther() throws Exception {
        for (int round = 0; round < 5; round++) {
            String dead = "dead" + round;
            for (int i = 0; i < 3; i++) {
                store.register(dead + i, dead + i + "~", dead);
            }
            List<Long> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                ids.add(insert(dead + 0, "m" + i).get(0).id());
            }
            long gone = ids.get(19) + 1;
            List<CompletableFuture<Integer>> nodes = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                String name = "node" + round + i;
                List<Long> mine = new ArrayList<>(ids);
                Collections.rotate(mine, i * 5);
                if (i % 2 == 1) {
                    Collections.reverse(mine);
                }
                nodes.add(CompletableFuture.supplyAsync(() -> {
                    store.register(name, name + "~", dead);
                    for (int each = 0; each < 3; each++) {
                        store.adopt(name, dead + each, Duration.ZERO);
                    }
                    assertThat(store.fateOf(dead + 0, gone)).isIn(Fate.ROLLED_BACK, Fate.UNDECIDED);
                    int completed = store.complete(dead + 0, mine);
                    store.release(name);
                    return completed;
                }));
            }
            int completed = 0;
            for (CompletableFuture<Integer> node : nodes) {
                completed += node.get(120, TimeUnit.SECONDS);
            }
            assertThat(completed).isEqualTo(20);
        }
    }

    @Test
    void theSchemaCanBeCreatedAgain() {
        insert("n", "a");
        TestDatabase.createSchema(database.dataSource(), database.dialect());
        assertThat(store.stats().pending()).isEqualTo(1);
    }
}
