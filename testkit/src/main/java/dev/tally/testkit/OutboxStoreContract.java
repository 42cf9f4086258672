package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.DueRows;
import dev.tally.outbox.Fate;
import dev.tally.outbox.KeyLanes;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxLanesException;
import dev.tally.outbox.OutboxOwner;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.WaitingRows;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.testkit.scenario.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
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

    private static final int LANES = 8;
    private static final Duration EXPIRY = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofSeconds(30);

    private TestDatabase database;
    private JdbcOutboxStore store;
    private JdbcOperationsStore operations;
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
        operations = JdbcOperationsStore.create(database.dataSource(), database.dialect());
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
        store.register("n1", "n1~", null, LANES);
        store.register("n2", "n2~", null, LANES);
        long id = insert("n1", "a").get(0).id();
        assertThat(store.adopt("n2", "n1", EXPIRY)).isFalse();
        assertThat(store.recordFailure("n1", 0, "n1", id, 1, "x")).isTrue();
        store.release("n1");
        assertThat(store.owners(EXPIRY)).filteredOn(OutboxOwner::orphaned).hasSize(1);
        assertThat(store.adopt("n2", "n1", EXPIRY)).isTrue();
        assertThat(store.heartbeat("n1")).isFalse();
        assertThat(store.heartbeat("n2")).isTrue();
        assertThat(store.recordFailure("n1", 0, "n1", id, 2, "x")).isFalse();
        assertThat(store.park("n1", 0, "n1", id, 2, "x")).isFalse();
        assertThat(store.park("n2", 1, "n1", id, 2, "x")).isTrue();
        assertThat(store.forget("n2", "n1")).isTrue();
        assertThat(store.adoptUnlisted("n2", "n1")).isTrue();
        assertThat(store.adoptUnlisted("n1", "n1")).isFalse();
    }

    @Test
    @Scenario("messaging-6")
    void aLaneIsChangedOnlyByItsKeeperAndOnlyInTheEpochInWhichItKeepsIt() {
        store.register("n1", "n1~", null, LANES);
        store.register("n2", "n2~", null, LANES);
        long id = insert("#1", "a").get(0).id();
        assertThat(store.adoptUnlisted("n1", "#1")).isTrue();
        assertThat(store.adoptUnlisted("n2", "#1")).isFalse();
        assertThat(store.recordFailure("n1", 0, "#1", id, 1, "x")).isTrue();
        assertThat(store.handOver("#1", "n2", 0, "n2")).isFalse();
        assertThat(store.handOver("#1", "n1", 1, "n2")).isFalse();
        assertThat(store.handOver("#1", "n1", 0, "n2")).isTrue();
        assertThat(store.recordFailure("n1", 0, "#1", id, 2, "x")).isFalse();
        assertThat(store.park("n1", 0, "#1", id, 2, "x")).isFalse();
        assertThat(store.recordFailure("n2", 1, "#1", id, 2, "x")).isTrue();
        // Given back: what n1 still wanted to do to it before is too late, though n1 keeps it again.
        assertThat(store.handOver("#1", "n2", 1, "n1")).isTrue();
        assertThat(store.park("n1", 0, "#1", id, 3, "x")).isFalse();
        store.release("n1");
        assertThat(store.adopt("n2", "n1", EXPIRY)).isTrue();
        assertThat(owner("#1").keeper()).isEqualTo("n2");
        assertThat(owner("#1").epoch()).isEqualTo(3);
        assertThat(store.park("n1", 2, "#1", id, 3, "x")).isFalse();
        assertThat(store.park("n2", 3, "#1", id, 3, "x")).isTrue();
    }

    private OutboxOwner owner(String name) {
        return store.owners(EXPIRY).stream()
                .filter(owner -> owner.owner().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void listsTheLowestIdsOfSeveralLanesWithoutGapsAndReadsThem() {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            ids.add(insert("#" + i % 3, "m" + i).get(0).id());
        }
        long other = insert("n", "other").get(0).id();
        List<RowPlace> first = store.waiting(List.of("#0", "#1", "#2", "#3"), 7);
        assertThat(first).extracting(RowPlace::id).containsExactlyElementsOf(ids.subList(0, 7));
        assertThat(store.waiting(List.of("#1"), 100))
                .extracting(RowPlace::owner)
                .containsOnly("#1");
        assertThat(store.read(first))
                .extracting(entry -> entry.message().id().value())
                .containsExactly("m0", "m1", "m2", "m3", "m4", "m5", "m6");
        assertThat(store.ownersWithRows()).as("lanes are not among them").isEqualTo(Set.of("n"));
        Map<String, List<Long>> done = new HashMap<>();
        first.forEach(place ->
                done.computeIfAbsent(place.owner(), owner -> new ArrayList<>()).add(place.id()));
        done.put("#9", List.of(other));
        assertThat(store.complete(done)).isEqualTo(7);
        assertThat(store.read(first)).isEmpty();
        assertThat(store.stats().pending()).isEqualTo(6);
        assertThat(store.stats().oldestPending()).isNotNull();
    }

    @Test
    void oneTransactionWritesUnderSeveralOwnersWithAscendingIds() {
        List<Message> messages = List.of(message("a"), message("b"), message("c"));
        List<OutboxEntry> entries = Objects.requireNonNull(transactions.execute(
                status -> store.insert(message -> message.id().value().equals("b") ? "n" : "#1", messages)));
        assertThat(entries).extracting(OutboxEntry::owner).containsExactly("#1", "n", "#1");
        assertThat(entries).extracting(OutboxEntry::id).isSorted();
        assertThat(store.waiting(List.of("#1"), 10)).hasSize(2);
    }

    @Test
    void nodesAgreeOnTheNumberOfLanes() {
        store.requireLanes(5);
        store.register("n1", "n1~", null, LANES);
        store.requireLanes(LANES);
        assertThatThrownBy(() -> store.requireLanes(LANES + 1))
                .isInstanceOf(OutboxLanesException.class)
                .hasMessageContaining("9 lanes")
                .hasMessageContaining("have 8");
        assertThatThrownBy(() -> store.register("n2", "n2~", null, LANES + 1)).isInstanceOf(OutboxLanesException.class);
        assertThat(store.owners(EXPIRY)).extracting(OutboxOwner::owner).containsExactlyInAnyOrder("n1", "n1~");
    }

    @Test
    void aNodeSaysWhomItHasSeen() {
        long first = store.register("n1", "n1~", null, LANES);
        long second = store.register("n2", "n2~", null, LANES);
        assertThat(second).isGreaterThan(first);
        assertThat(store.view(EXPIRY).generation()).isEqualTo(second);
        assertThat(owner("n1").seen()).isEqualTo(first);
        assertThat(owner("n1").isMember()).isTrue();
        assertThat(owner("n1~").isMember()).isFalse();
        assertThat(store.acknowledge("n1", second, true)).isTrue();
        assertThat(owner("n1").seen()).isEqualTo(second);
        assertThat(owner("n1").ready()).isTrue();
        assertThat(owner("n2").ready()).isFalse();
        insert("n1", "a");
        store.release("n1");
        assertThat(store.adopt("n2", "n1", EXPIRY)).isTrue();
        assertThat(store.acknowledge("n1", second, true)).isFalse();
    }

    /** With a user that may know: the tests' users may everywhere. */
    @Test
    void tellsWhichTransactionsAreOpen() {
        transactions.executeWithoutResult(status -> {
            Set<String> before = Objects.requireNonNull(store.openTransactions());
            insertHere();
            Set<String> during = new HashSet<>(Objects.requireNonNull(store.openTransactions()));
            during.removeAll(before);
            assertThat(during).hasSize(1);
            open = during.iterator().next();
        });
        assertThat(store.openTransactions()).doesNotContain(open);
    }

    private String open = "";

    private void insertHere() {
        assertThat(store.insert("n", List.of(message("open")))).hasSize(1);
    }

    @Test
    void parksResumesAndDiscards() {
        store.register("n", "n~", null, LANES);
        List<OutboxEntry> entries = insert("n", "a", "b");
        entries.forEach(entry -> assertThat(store.park("n", 0, "n", entry.id(), 3, "r".repeat(2000)))
                .isTrue());
        assertThat(store.ownersWithRows()).isEmpty();
        assertThat(store.parked(0, 10)).extracting("attempts").containsExactly(3, 3);
        assertThat(operations.giveBack(entries.get(0).id(), null)).isTrue();
        assertThat(operations.giveBack(entries.get(0).id(), null))
                .as("not parked any more")
                .isFalse();
        assertThat(operations.discard(entries.get(1).id())).isTrue();
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
        store.register("n", "n~", null, LANES);
        List<OutboxEntry> entries = insert("n", "a", "b", "c", "d");
        List<Long> ids = entries.stream().map(OutboxEntry::id).toList();
        transactions.executeWithoutResult(status -> {
            store.insert("n", List.of(message("open")));
            assertTimeoutPreemptively(SOON, () -> {
                assertThat(store.recordFailure("n", 0, "n", ids.get(0), 1, "x")).isTrue();
                assertThat(store.park("n", 0, "n", ids.get(0), 2, "x")).isTrue();
                assertThat(store.park("n", 0, "n", ids.get(1), 2, "x")).isTrue();
                assertThat(operations.giveBack(ids.get(0), "k")).isTrue();
                assertThat(operations.discard(ids.get(1))).isTrue();
                assertThat(store.complete("n", ids)).isEqualTo(2);
                assertThat(store.complete(KeyLanes.nameOf("k", LANES), ids)).isEqualTo(1);
                assertThat(store.ownersWithRows()).isEmpty();
                assertThat(store.heartbeat("n")).isTrue();
            });
        });
        assertThat(store.stats().pending()).isEqualTo(1);
    }

    @Test
    void tellsCaseAndTrailingSpacesApart() {
        List<String> owners = List.of("n", "N", "n ", "\u00f1");
        owners.forEach(owner -> store.register(owner, owner + "~", null, LANES));
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
        store.register("n", "n~", null, LANES);
        long id = insert("n", "a").get(0).id();
        assertThat(store.owners(EXPIRY)).hasSize(2).allSatisfy(owner -> {
            assertThat(owner.orphaned()).isFalse();
            assertThat(owner.keeperHeartbeat()).isBetween(before, after);
        });
        assertThat(store.stats().oldestPending()).isBetween(Duration.ZERO, Duration.ofMinutes(10));
        assertThat(store.park("n", 0, "n", id, 1, "x")).isTrue();
        assertThat(store.parked(0, 1).get(0).createdAt()).isBetween(before, after);
    }

    /** Nodes that look at the same owners and rows at the same time give way to each other without a failure. */
    @Test
    void nodesThatDoTheSameAtTheSameTimeDoNotFailEachOther() throws Exception {
        for (int round = 0; round < 5; round++) {
            String dead = "dead" + round;
            for (int i = 0; i < 3; i++) {
                store.register(dead + i, dead + i + "~", dead, LANES);
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
                    store.register(name, name + "~", dead, LANES);
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

    private Message delayed(String id, String header, long millis) {
        return new Message(
                new MessageId(id),
                new Destination("t", null),
                "k",
                "type",
                Headers.of(Map.of("own", "x", header, Long.toString(millis))),
                new byte[] {1});
    }

    private OutboxEntry insertScheduled(Message message) {
        return Objects.requireNonNull(
                        transactions.execute(status -> store.insert(WaitingRows.SCHEDULED, List.of(message))))
                .get(0);
    }

    @Test
    void letsScheduledRowsGoWhenTheyAreDueAndEachToOneNodeOnly() {
        insert("n", "other");
        OutboxEntry later = insertScheduled(delayed("later", Headers.DELAY, 3_600_000));
        OutboxEntry due = insertScheduled(delayed("due", Headers.DELIVER_AT, 2000));
        OutboxEntry past = insertScheduled(delayed("past", Headers.DELIVER_AT, 1000));
        assertThat(List.of(later.owner(), due.owner(), past.owner()))
                .allMatch(owner -> owner.startsWith(WaitingRows.SCHEDULED));
        assertThat(store.ownersWithRows()).isEqualTo(Set.of("n"));
        assertThat(store.stats().scheduled()).isEqualTo(3);
        assertThat(store.stats().pending()).isEqualTo(1);
        DueRows first = store.releaseDue("n1~", 1);
        assertThat(first).isEqualTo(new DueRows(1, past.id(), Duration.ZERO));
        DueRows second = store.releaseDue("n2~", 10);
        assertThat(second.released()).isEqualTo(1);
        assertThat(second.lowestId()).isEqualTo(due.id());
        assertThat(second.nextIn())
                .isBetween(Duration.ofMinutes(50), Duration.ofHours(1).plusMillis(1));
        assertThat(store.releaseDue("n2~", 10).released()).isZero();
        assertThat(store.readAfter(List.of("n1~", "n2~"), 0, 10).entries())
                .allSatisfy(row -> {
                    assertThat(row.isDue()).isTrue();
                    assertThat(row.message().headers()).isEqualTo(Headers.of(Map.of("own", "x")));
                })
                .extracting(row -> row.message().id().value())
                .containsExactly("due", "past");
        assertThat(store.complete("n1~", List.of(past.id()))).isEqualTo(1);
    }

    @Test
    void keepsABlockedKeyOutOfItsLaneUntilItsMessageIsGone() {
        store.register("n1", "n1~", null, LANES);
        assertThat(store.adoptUnlisted("n1", "#1")).isTrue();
        List<OutboxEntry> rows = insert("#1", "a", "b", "c");
        OutboxEntry poison = rows.get(0);
        List<Long> behind = List.of(rows.get(1).id(), rows.get(2).id());
        assertThat(store.block("n2", 0, poison, 3, "x")).isFalse();
        assertThat(store.block("n1", 1, poison, 3, "x")).isFalse();
        assertThat(store.blockedKeys()).isEmpty();
        assertThat(store.block("n1", 0, poison, 3, "x")).isTrue();
        BlockedKey key = new BlockedKey(poison.id(), "#1", "k", false);
        assertThat(store.blockedKeys()).containsExactly(key);
        assertThat(store.parked(0, 10)).hasSize(1);
        assertThat(store.hold("n2", 0, key, behind)).isZero();
        assertThat(store.hold("n1", 1, key, behind)).isZero();
        assertThat(store.hold("n1", 0, key, behind)).isEqualTo(2);
        assertThat(store.waiting(List.of("#1"), 10)).isEmpty();
        assertThat(store.ownersWithRows()).isEmpty();
        assertThat(store.stats().pending()).isEqualTo(2);
        assertThat(operations.giveBack(poison.id(), "k")).isTrue();
        assertThat(store.blockedKeys()).as("on its way, not gone").containsExactly(key);
        assertThat(store.complete("#1", List.of(poison.id()))).isEqualTo(1);
        BlockedKey free = new BlockedKey(poison.id(), "#1", "k", true);
        assertThat(store.blockedKeys()).containsExactly(free);
        assertThat(store.unblock(free)).as("there are rows behind").isFalse();
        assertThat(store.waiting(List.of("#1", free.owner()), 10))
                .extracting(RowPlace::id)
                .containsExactlyElementsOf(behind);
        assertThat(store.letGo("n1", 1, free, behind)).isZero();
        assertThat(store.letGo("n1", 0, free, behind)).isEqualTo(2);
        assertThat(store.waiting(List.of("#1"), 10)).hasSize(2);
        assertThat(store.unblock(free)).isTrue();
        assertThat(store.blockedKeys()).isEmpty();
        assertThat(store.hold("n1", 0, free, behind))
                .as("nothing comes behind it any more")
                .isZero();
    }

    @Test
    void aMessageThatFailsAgainAfterItWasResumedIsMarkedOnce() {
        store.register("n1", "n1~", null, LANES);
        assertThat(store.adoptUnlisted("n1", "#1")).isTrue();
        OutboxEntry poison = insert("#1", "a").get(0);
        assertThat(store.block("n1", 0, poison, 3, "x")).isTrue();
        assertThat(operations.giveBack(poison.id(), "k")).isTrue();
        assertThat(store.block("n1", 0, poison, 3, "x")).isTrue();
        assertThat(store.blockedKeys()).containsExactly(new BlockedKey(poison.id(), "#1", "k", false));
    }

    @Test
    void knowsTheHighestIdOfOwners() {
        insert("#1", "a");
        long highest = insert("#2", "b", "c").get(1).id();
        insert("#3", "d");
        assertThat(store.highestId(List.of("#1", "#2", "#4"))).isEqualTo(highest);
        assertThat(store.highestId(List.of("#4"))).isZero();
        assertThat(store.highestId(List.of())).isZero();
    }

    @Test
    void theSchemaCanBeCreatedAgain() {
        insert("n", "a");
        TestDatabase.createSchema(database.dataSource(), database.dialect());
        assertThat(store.stats().pending()).isEqualTo(1);
    }
}
