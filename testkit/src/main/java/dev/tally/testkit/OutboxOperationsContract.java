package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.audit.AuditLog;
import dev.tally.audit.JdbcAuditLog;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.BlockedKey;
import dev.tally.outbox.KeyLanes;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxStore;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.StoredType;
import dev.tally.outbox.WaitingRows;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.jdbc.JdbcProgressStore;
import dev.tally.outbox.operations.BulkRun;
import dev.tally.outbox.operations.OldestWaiting;
import dev.tally.outbox.operations.OperationRefusedException;
import dev.tally.outbox.operations.OperationRefusedException.Found;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.operations.OutboxNodeState;
import dev.tally.outbox.operations.OutboxOperations;
import dev.tally.outbox.operations.OutboxProgress;
import dev.tally.outbox.operations.ParkedFilter;
import dev.tally.outbox.operations.ParkedPage;
import dev.tally.outbox.operations.ParkedPreview;
import dev.tally.outbox.operations.ParkedRow;
import dev.tally.outbox.operations.PayloadCheck;
import dev.tally.outbox.operations.RowEdit;
import dev.tally.outbox.operations.WaitReason;
import dev.tally.outbox.operations.WaitingGroup;
import dev.tally.outbox.operations.WhoAndWhy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What people can do with the outbox, and what it tells of itself, on every database. A database is added by a subclass
 * that says how to open it.
 *
 * @since 0.1
 */
public abstract class OutboxOperationsContract {

    private static final int LANES = 8;
    private static final Duration EXPIRY = Duration.ofHours(1);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final WhoAndWhy ADA = new WhoAndWhy("ada", "the topic was renamed");

    private final Hurried scheduler = new Hurried();
    private final AtomicInteger auditIds = new AtomicInteger();
    private TestDatabase database;
    private JdbcOutboxStore store;
    private DataSourceTransactionManager manager;
    private TransactionTemplate transactions;
    private JdbcTemplate jdbc;
    private OutboxInspection inspection;
    private OutboxOperations operations;

    /** Runs at once what should wait, and remembers how long it should have. */
    private static final class Hurried extends ScheduledThreadPoolExecutor {

        private final List<Duration> delays = new CopyOnWriteArrayList<>();

        Hurried() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            delays.add(Duration.ofNanos(unit.toNanos(delay)));
            return super.schedule(command, 0, unit);
        }
    }

    /** An empty database with Tally's tables. */
    protected abstract TestDatabase createDatabase();

    /** Creates the suite; the database is opened before each test. */
    @SuppressWarnings("NullAway.Init") // JUnit calls open() before each test.
    protected OutboxOperationsContract() {}

    @BeforeEach
    void open() {
        database = createDatabase();
        store = JdbcOutboxStore.create(database.dataSource(), database.dialect());
        manager = new DataSourceTransactionManager(database.dataSource());
        transactions = new TransactionTemplate(manager);
        jdbc = new JdbcTemplate(database.dataSource());
        JdbcOperationsStore rows = JdbcOperationsStore.create(database.dataSource(), database.dialect());
        inspection =
                new OutboxInspection(rows, JdbcProgressStore.create(database.dataSource(), database.dialect()), EXPIRY);
        operations = operations(auditLog());
        store.register("n", "n~", null, LANES);
    }

    @AfterEach
    void close() {
        scheduler.shutdownNow();
        database.close();
    }

    private AuditLog auditLog() {
        // Ascending, so that entries can be read in their order.
        return new JdbcAuditLog(database.dataSource(), () -> "a" + String.format("%05d", auditIds.incrementAndGet()));
    }

    private OutboxOperations operations(AuditLog audit) {
        PayloadCheck check = (type, headers, payload) ->
                type.equals("number") && payload.length != 4 ? "4 bytes are needed, not " + payload.length : null;
        return new OutboxOperations(
                JdbcOperationsStore.create(database.dataSource(), database.dialect()),
                audit,
                manager,
                check,
                scheduler);
    }

    private static Message message(String topic, String type, @Nullable String key, String id) {
        return new Message(
                new MessageId(id),
                Destination.topic(topic),
                key,
                type,
                Headers.of(Map.of("trace", "t-" + id, "tally-content-type", "text/plain")),
                id.getBytes(StandardCharsets.UTF_8));
    }

    private List<OutboxEntry> insert(String owner, Message... messages) {
        return Objects.requireNonNull(transactions.execute(status -> store.insert(owner, List.of(messages))));
    }

    private long park(String topic, String type, @Nullable String key, String id, String reason) {
        long row = insert("n", message(topic, type, key, id)).get(0).id();
        assertThat(store.park("n", 0, "n", row, 16, reason)).isTrue();
        return row;
    }

    private long park(@Nullable String key, String id) {
        return park("orders", "order", key, id, "Time out: the broker said nothing");
    }

    private List<Map<String, Object>> audit() {
        List<Map<String, Object>> entries = new ArrayList<>();
        jdbc.query("SELECT actor, action, subject, reason, detail FROM tally_audit ORDER BY audit_id", row -> {
            Map<String, Object> entry = new HashMap<>();
            for (String column : List.of("actor", "action", "subject", "reason", "detail")) {
                entry.put(column, row.getString(column));
            }
            entries.add(entry);
        });
        return entries;
    }

    private static void refused(Found found, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(OperationRefusedException.class, refusal -> assertThat(refusal.found())
                        .isEqualTo(found));
    }

    private List<String> waiting(String owner) {
        return store.readAfter(List.of(owner), 0, 100).entries().stream()
                .map(entry -> entry.message().id().value())
                .toList();
    }

    private static String laneOf(String key) {
        return KeyLanes.nameOf(key, LANES);
    }

    @Test
    void listsWhatIsParkedByEverythingThatIsKnownOfItInPages() {
        Instant before =
                ProcessHandle.current().info().startInstant().orElseThrow().minusSeconds(60);
        long a = park("orders", "order", "k1", "a", "Time out: 100% of 3_000 ms");
        long b = park("orders", "number", "k2", "b", "Too large");
        long c = park("stock", "order", null, "c", "unknown topic");
        insert("n", message("orders", "order", "k1", "waiting"));

        ParkedFilter all = ParkedFilter.all();
        assertThat(ids(all)).containsExactly(a, b, c);
        assertThat(ids(all.withReason("TOO large"))).containsExactly(b);
        assertThat(ids(all.withReason("100% of 3_000"))).containsExactly(a);
        assertThat(ids(all.withReason("10%f"))).as("wild cards are text").isEmpty();
        assertThat(ids(all.withReason("3x000"))).isEmpty();
        assertThat(ids(all.withType("order"))).containsExactly(a, c);
        assertThat(ids(all.withTopic("orders"))).containsExactly(a, b);
        assertThat(ids(all.withTopic("Orders"))).isEmpty();
        assertThat(ids(all.withKey("k2"))).containsExactly(b);
        assertThat(ids(all.withTopic("orders").withType("order"))).containsExactly(a);
        assertThat(ids(all.withFrom(before).withUntil(before.plus(Duration.ofHours(2)))))
                .containsExactly(a, b, c);
        assertThat(ids(all.withUntil(before))).isEmpty();
        assertThat(ids(all.withFrom(before.plus(Duration.ofHours(2))))).isEmpty();

        ParkedPage first = inspection.parked(all, 0, 2);
        assertThat(first.more()).isTrue();
        ParkedPage second = inspection.parked(all, first.lastId(), 2);
        assertThat(second.rows()).extracting(ParkedRow::id).containsExactly(c);
        assertThat(second.more()).isFalse();
        ParkedRow row = first.rows().get(0);
        assertThat(row.messageId()).isEqualTo("a");
        assertThat(row.key()).isEqualTo("k1");
        assertThat(row.payloadBytes()).isEqualTo(1);
        assertThat(row.attempts()).isEqualTo(16);
        assertThat(row.reason()).startsWith("Time out");
        assertThat(row.headers().get("trace")).isEqualTo("t-a");
        assertThat(row.createdAt()).isBetween(before, before.plus(Duration.ofHours(2)));

        ParkedPreview preview = inspection.preview(all.withTopic("orders"));
        assertThat(preview.matching()).isEqualTo(2);
        assertThat(preview.lastId()).isEqualTo(b);
        assertThat(preview.first()).extracting(ParkedRow::id).containsExactly(a, b);
        assertThat(inspection.find(a).orElseThrow().message().payload()).isEqualTo(new byte[] {'a'});
        assertThat(inspection.find(c + 1)).isEmpty();
    }

    private List<Long> ids(ParkedFilter filter) {
        return inspection.parked(filter, 0, 100).rows().stream()
                .map(ParkedRow::id)
                .toList();
    }

    @Test
    void anEditChangesTheRowAndKeepsWhoWhyAndWhatWasThere() {
        long row = park("k", "a");
        byte[] payload = "{\"größe\": 1}".getBytes(StandardCharsets.UTF_8);

        operations.edit(
                row,
                RowEdit.none().withPayload(payload).withHeaders(Map.of("added", "line 1\nline 2", "trace", "t-2")),
                ADA);

        ParkedEntry entry = inspection.find(row).orElseThrow();
        assertThat(entry.message().payload()).isEqualTo(payload);
        assertThat(entry.message().headers().asMap())
                .isEqualTo(Map.of("added", "line 1\nline 2", "trace", "t-2", "tally-content-type", "text/plain"));
        assertThat(entry.message().key()).isEqualTo("k");
        assertThat(entry.reason()).as("it stays parked").startsWith("Time out");
        assertThat(audit()).singleElement().satisfies(act -> {
            assertThat(act)
                    .containsEntry("actor", "ada")
                    .containsEntry("action", "edit-outbox-row")
                    .containsEntry("subject", "outbox-row-" + row)
                    .containsEntry("reason", "the topic was renamed");
            assertThat(String.valueOf(act.get("detail")))
                    .contains("messageId=a topic=orders key=k type=order")
                    .contains("payload=1B/sha256:ca978112ca1bbdca->14B/sha256:")
                    .contains("headers=[+added, ~trace]")
                    .doesNotContain("line 1", "t-2");
        });
        assertThat(revisions()).containsExactly("edit-outbox-row " + row + " a k orders a");

        operations.edit(row, RowEdit.none().withHeaders(Map.of()), ADA);
        assertThat(inspection.find(row).orElseThrow().message().headers().asMap())
                .containsOnlyKeys("tally-content-type");
        assertThat(revisions()).hasSize(2);
    }

    private List<String> revisions() {
        return jdbc.query(
                "SELECT action, row_id, message_id, msg_key, topic, payload FROM tally_outbox_revision"
                        + " ORDER BY revision",
                (row, number) -> row.getString(1) + " " + row.getLong(2) + " " + row.getString(3) + " "
                        + row.getString(4) + " " + row.getString(5) + " "
                        + new String(row.getBytes(6), StandardCharsets.UTF_8));
    }

    @Test
    void refusesEditsThatCannotBeRight() {
        long row = park("orders", "number", "k", "a", "x");
        refused(Found.NOTHING_TO_CHANGE, () -> operations.edit(row, RowEdit.none(), ADA));
        refused(
                Found.NOTHING_TO_CHANGE,
                () -> operations.edit(row, RowEdit.none().withPayload(new byte[] {'a'}), ADA));
        refused(
                Found.RESERVED_HEADER,
                () -> operations.edit(row, RowEdit.none().withHeaders(Map.of("tally-content-type", "image/png")), ADA));
        refused(
                Found.RESERVED_HEADER,
                () -> operations.edit(row, RowEdit.none().withHeaders(Map.of("tally-new", "x")), ADA));
        assertThatThrownBy(() -> operations.edit(row, RowEdit.none().withPayload(new byte[3]), ADA))
                .isInstanceOf(OperationRefusedException.class)
                .hasMessageContaining("none of type 'number': 4 bytes are needed, not 3");
        assertThat(inspection.find(row).orElseThrow().message().payload()).isEqualTo(new byte[] {'a'});
        assertThat(audit()).isEmpty();
        assertThat(revisions()).isEmpty();
        operations.edit(row, RowEdit.none().withPayload(new byte[4]), ADA);
    }

    @Test
    void whatIsNotParkedAnyMoreIsRefusedAndSaysSo() {
        long row = park("k", "a");
        operations.discard(row, ADA);
        for (ThrowingCallable act : List.<ThrowingCallable>of(
                () -> operations.discard(row, ADA),
                () -> operations.resume(row, false, ADA),
                () -> operations.edit(row, RowEdit.none().withPayload(new byte[1]), ADA))) {
            assertThatThrownBy(act)
                    .isInstanceOf(OperationRefusedException.class)
                    .hasMessageContaining("outbox row " + row + ": no row with this id is parked")
                    .hasMessageContaining("nothing was done");
        }
        long waiting = insert("n", message("orders", "order", "k", "w")).get(0).id();
        refused(Found.NOT_PARKED, () -> operations.discard(waiting, ADA));
        assertThat(audit()).hasSize(1);
        assertThat(waiting("n")).containsExactly("w");
    }

    @Test
    void aDiscardedMessageIsGoneAndKept() {
        long row = park(null, "a");
        operations.discard(row, ADA);
        assertThat(store.stats().parked()).isZero();
        assertThat(store.stats().pending()).isZero();
        assertThat(revisions()).containsExactly("discard-outbox-row " + row + " a null orders a");
        assertThat(audit().get(0)).containsEntry("action", "discard-outbox-row").containsEntry("actor", "ada");
    }

    @Test
    void resumesIntoTheLaneOfTheKeyAndNotBeforeOlderOnes() {
        long first = park("k", "a");
        long second = park("k", "b");
        long unkeyed = park(null, "c");
        assertThatThrownBy(() -> operations.resume(second, false, ADA))
                .isInstanceOf(OperationRefusedException.class)
                .hasMessageContaining("[" + first + "]");
        operations.resume(first, false, ADA);
        operations.resume(second, false, ADA);
        operations.resume(unkeyed, false, ADA);
        assertThat(waiting(laneOf("k"))).containsExactly("a", "b");
        assertThat(waiting(OutboxStore.UNOWNED)).containsExactly("c");
        assertThat(store.readAfter(List.of(laneOf("k")), 0, 10).entries())
                .extracting(OutboxEntry::attempts)
                .containsOnly(0);
        long third = park("k", "d");
        long fourth = park("k", "e");
        operations.resume(fourth, true, ADA);
        assertThat(waiting(laneOf("k"))).containsExactly("a", "b", "e");
        assertThat(audit()).hasSize(4);
        assertThat(String.valueOf(audit().get(3).get("detail")))
                .contains("attempts=16->0", "olderParked=[" + third + "]");
    }

    @Test
    void noActWithoutANameOrAReason() {
        long row = park("k", "a");
        WhoAndWhy nobody = new WhoAndWhy(" ", "because");
        WhoAndWhy noReason = new WhoAndWhy("ada", "");
        for (WhoAndWhy missing : List.of(nobody, noReason)) {
            for (ThrowingCallable act : List.<ThrowingCallable>of(
                    () -> operations.discard(row, missing),
                    () -> operations.resume(row, false, missing),
                    () -> operations.edit(row, RowEdit.none().withPayload(new byte[1]), missing),
                    () -> operations.resumeAll(ParkedFilter.all(), null, null, false, missing),
                    () -> operations.discardAll(ParkedFilter.all(), 1, missing),
                    () -> operations.pause(missing),
                    () -> operations.unpause(missing))) {
                assertThatIllegalArgumentException().isThrownBy(act);
            }
        }
        assertThat(audit()).isEmpty();
        assertThat(inspection.find(row)).isPresent();
        assertThat(inspection.progress().pause()).isNull();
    }

    @Test
    void anActThatCannotBeAuditedIsNotDone() {
        long row = park("k", "a");
        OutboxOperations unaudited = operations(entry -> {
            throw new DataAccessResourceFailureException("the audit log is full");
        });
        for (ThrowingCallable act : List.<ThrowingCallable>of(
                () -> unaudited.discard(row, ADA),
                () -> unaudited.resume(row, false, ADA),
                () -> unaudited.edit(row, RowEdit.none().withPayload(new byte[1]), ADA),
                () -> unaudited.resumeAll(ParkedFilter.all(), null, null, false, ADA),
                () -> unaudited.pause(ADA))) {
            assertThatThrownBy(act).isInstanceOf(DataAccessResourceFailureException.class);
        }
        assertThat(inspection.find(row).orElseThrow().message().payload()).isEqualTo(new byte[] {'a'});
        assertThat(revisions()).isEmpty();
        assertThat(inspection.progress().pause()).isNull();
    }

    @Test
    void resumesAllOfAFilterInTheOrderOfIdsAtARate() {
        for (int i = 0; i < 7; i++) {
            park(i % 2 == 0 ? "k" : null, "m" + i);
        }
        long other = park("stock", "order", "k", "other", "unknown topic");
        ParkedFilter orders = ParkedFilter.all().withTopic("orders");

        BulkRun run = operations.resumeAll(orders, 7L, 3, false, ADA);

        BulkRun.State state = awaitEnd(run);
        assertThat(state.status()).isEqualTo(BulkRun.Status.DONE);
        assertThat(state.matching()).isEqualTo(7);
        assertThat(state.done()).isEqualTo(7);
        assertThat(waiting(laneOf("k"))).containsExactly("m0", "m2", "m4", "m6");
        assertThat(waiting(OutboxStore.UNOWNED)).containsExactly("m1", "m3", "m5");
        assertThat(ids(ParkedFilter.all())).containsExactly(other);
        assertThat(scheduler.delays)
                .as("3 rows, a second, 3 rows, a second, 1 row")
                .containsExactly(Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(1));
        List<Map<String, Object>> audit = audit();
        assertThat(audit).hasSize(4).allSatisfy(entry -> assertThat(entry)
                .containsEntry("actor", "ada")
                .containsEntry("action", "resume-outbox-rows")
                .containsEntry("reason", ADA.why()));
        assertThat(String.valueOf(audit.get(0).get("detail")))
                .contains("filter=[topic=orders] matching=7", "perSecond=3");
        assertThat(String.valueOf(audit.get(3).get("detail"))).matches("ids=\\[\\d+]");
    }

    private static BulkRun.State awaitEnd(BulkRun run) {
        await().atMost(SOON).until(() -> run.state().status() != BulkRun.Status.RUNNING);
        return run.state();
    }

    @Test
    void holdsBackWhatWouldOvertakeOlderOnesOfItsKey() {
        long old = park("orders", "order", "k", "old", "Too large");
        long young = park("k", "young");
        park("k2", "free");
        ParkedFilter timeouts = ParkedFilter.all().withReason("time out");

        BulkRun.State state = awaitEnd(operations.resumeAll(timeouts, 2L, null, false, ADA));

        assertThat(state.done()).isEqualTo(1);
        assertThat(state.heldBack()).isEqualTo(1);
        assertThat(waiting(laneOf("k2"))).containsExactly("free");
        assertThat(ids(ParkedFilter.all())).containsExactly(old, young);

        assertThat(awaitEnd(operations.resumeAll(timeouts, null, null, true, ADA))
                        .done())
                .isEqualTo(1);
        assertThat(waiting(laneOf("k"))).containsExactly("young");
    }

    @Test
    void discardsAllOfAFilterOnlyAsManyAsThePersonHasSeen() {
        for (int i = 0; i < 3; i++) {
            park("k", "m" + i);
        }
        refused(Found.COUNT_CHANGED, () -> operations.discardAll(ParkedFilter.all(), 2, ADA));
        assertThat(ids(ParkedFilter.all())).hasSize(3);
        assertThat(audit()).isEmpty();

        assertThat(awaitEnd(operations.discardAll(ParkedFilter.all(), 3, ADA)).done())
                .isEqualTo(3);

        assertThat(ids(ParkedFilter.all())).isEmpty();
        assertThat(store.stats().pending()).isZero();
        assertThat(revisions()).hasSize(3);
    }

    /** Rows whose headers cannot be read are parked for that very reason. */
    @Test
    void aRowThatCannotBeReadIsListedAndDoesNotStopAnActOnAllRows() {
        long unreadable = park("k", "a");
        long other = park("k2", "b");
        jdbc.update("UPDATE tally_outbox SET headers = '[' WHERE id = ?", unreadable);
        assertThat(ids(ParkedFilter.all())).containsExactly(unreadable, other);
        assertThat(inspection.preview(ParkedFilter.all()).first()).hasSize(2);
        assertThat(inspection.find(unreadable)).isPresent();

        BulkRun.State state = awaitEnd(operations.resumeAll(ParkedFilter.all(), 2L, null, false, ADA));

        assertThat(state.status()).isEqualTo(BulkRun.Status.DONE);
        assertThat(state.done()).isEqualTo(2);
    }

    @Test
    void whatIsParkedLaterIsNotTouchedAndOnlyOneRunsAtATime() throws Exception {
        for (int i = 0; i < 250; i++) {
            park("k" + i % 3, "m" + i);
        }
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        scheduler.execute(() -> {
            begun.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        begun.await();
        BulkRun run = operations.resumeAll(ParkedFilter.all(), 250L, null, false, ADA);
        long late = park("k1", "late");
        refused(Found.ALREADY_RUNNING, () -> operations.resumeAll(ParkedFilter.all(), null, null, false, ADA));
        goOn.countDown();
        assertThat(awaitEnd(run).done()).isEqualTo(250);
        assertThat(ids(ParkedFilter.all())).containsExactly(late);
        assertThat(operations.latestRun()).contains(run);
        assertThat(audit()).as("one at the beginning, and one for each batch").hasSize(4);
    }

    @Test
    void aRunThatIsCancelledLeavesTheRest() throws Exception {
        park("k", "a");
        CountDownLatch goOn = new CountDownLatch(1);
        scheduler.execute(() -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        BulkRun run = operations.resumeAll(ParkedFilter.all(), null, 1, false, ADA);
        run.cancel();
        goOn.countDown();
        assertThat(awaitEnd(run).status()).isEqualTo(BulkRun.Status.CANCELLED);
        assertThat(ids(ParkedFilter.all())).hasSize(1);
    }

    /** Two people have the same list before them. */
    @Test
    void ofTwoAtTheSameTimeOneIsRefused() throws Exception {
        long row = park("k", "a");
        CompletableFuture<OperationRefusedException> second = new CompletableFuture<>();
        CountDownLatch locked = new CountDownLatch(1);
        OutboxOperations slow = operations(entry -> {
            locked.countDown();
            // Not before the other one has had time to find the row still parked; too short proves less, never fails.
            try {
                second.get(500, TimeUnit.MILLISECONDS);
            } catch (Exception e) {
                auditLog().record(entry);
            }
        });
        Thread other = new Thread(() -> {
            try {
                locked.await();
                operations.discard(row, new WhoAndWhy("bob", "it is wrong"));
                second.completeExceptionally(new AssertionError("discarded what was resumed"));
            } catch (OperationRefusedException e) {
                second.complete(e);
            } catch (Exception e) {
                second.completeExceptionally(e);
            }
        });
        other.start();
        slow.resume(row, false, ADA);
        assertThat(second.get(60, TimeUnit.SECONDS).found()).isEqualTo(Found.NOT_PARKED);
        assertThat(waiting(laneOf("k"))).containsExactly("a");
        assertThat(audit()).extracting(entry -> entry.get("actor")).containsExactly("ada");
    }

    @Test
    void aPauseIsForAllNodesAndSaysWhoAndWhy() {
        assertThat(store.view(EXPIRY).paused()).isFalse();
        operations.pause(ADA);
        assertThat(store.view(EXPIRY).paused()).isTrue();
        assertThat(store.view(EXPIRY).generation()).isEqualTo(1);
        assertThat(Objects.requireNonNull(inspection.progress().pause()).by()).isEqualTo("ada");
        refused(Found.ALREADY_PAUSED, () -> operations.pause(new WhoAndWhy("bob", "me too")));
        operations.unpause(new WhoAndWhy("bob", "it is renamed"));
        assertThat(store.view(EXPIRY).paused()).isFalse();
        refused(Found.NOT_PAUSED, () -> operations.unpause(ADA));
        assertThat(audit())
                .extracting(entry -> entry.get("actor") + " " + entry.get("action"))
                .containsExactly("ada pause-outbox", "bob unpause-outbox");
        assertThat(String.valueOf(audit().get(1).get("detail"))).contains("ada", "renamed");
    }

    @Test
    void tellsForWhichReasonRowsWait() {
        assertThat(inspection.progress().oldest()).isEmpty();
        store.adoptUnlisted("n", "#1");
        store.adoptUnlisted("n", "#2");
        store.register("down", "down~", null, LANES);
        store.heartbeat("down", true);
        store.register("gone", "gone~", "place", LANES);
        long backlog = insert("#1", message("t", "order", "k1", "a")).get(0).id();
        List<OutboxEntry> failing =
                insert("#2", message("t", "order", "k2", "b"), message("t", "order", "k2", "behind it"));
        long poison = failing.get(0).id();
        assertThat(store.recordFailure("n", 0, "#2", poison, 3, "timed out")).isTrue();
        long behind = insert("down", message("t", "order", null, "c")).get(0).id();
        long orphan = insert("gone", message("t", "order", null, "d")).get(0).id();
        long unlisted =
                insert("nobody", message("t", "order", null, "e")).get(0).id();
        store.release("gone");
        long parked = park("k", "p");
        park("k", "p2");

        OutboxProgress progress = inspection.progress();

        assertThat(oldest(progress))
                .isEqualTo(Map.of(
                        WaitReason.BACKLOG,
                        backlog,
                        WaitReason.POISONED,
                        poison,
                        WaitReason.TRANSPORT_DOWN,
                        behind,
                        WaitReason.NO_OWNER,
                        orphan,
                        WaitReason.PARKED,
                        parked));
        assertThat(unlisted).isGreaterThan(orphan);
        OldestWaiting row = Objects.requireNonNull(progress.oldest().get(WaitReason.POISONED));
        assertThat(row.attempts()).isEqualTo(3);
        assertThat(row.lastError()).isEqualTo("timed out");
        assertThat(row.keeper()).isEqualTo("n");
        assertThat(progress.age(WaitReason.POISONED)).isBetween(Duration.ZERO, Duration.ofMinutes(30));
        assertThat(progress.age(WaitReason.PAUSED)).isZero();
        assertThat(progress.nodes())
                .extracting(OutboxNodeState::node, OutboxNodeState::alive, OutboxNodeState::circuitOpen)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("down", true, true),
                        org.assertj.core.groups.Tuple.tuple("gone", false, false),
                        org.assertj.core.groups.Tuple.tuple("n", true, false));
        assertThat(progress.nodes().get(2).lanes()).containsExactly("#1", "#2");

        store.complete("#1", List.of(backlog));
        store.complete("#2", List.of(poison));
        assertThat(oldest(inspection.progress()).get(WaitReason.BACKLOG))
                .as("its key goes on")
                .isEqualTo(failing.get(1).id());
        operations.pause(ADA);
        assertThat(oldest(inspection.progress()).keySet())
                .containsExactlyInAnyOrder(WaitReason.PAUSED, WaitReason.PARKED);
    }

    @Test
    void tellsWhatWaitsBehindAParkedMessageAndResumesThatIntoItsLane() {
        String lane = KeyLanes.nameOf("k", LANES);
        store.adoptUnlisted("n", lane);
        List<OutboxEntry> rows = insert(
                lane,
                message("t", "order", "k", "poison"),
                message("t", "behind", "k", "b1"),
                message("t", "behind", "k", "b2"));
        long poison = rows.get(0).id();
        BlockedKey key = new BlockedKey(poison, lane, "k", false);
        assertThat(store.block("n", 0, rows.get(0), 3, "refused")).isTrue();
        assertThat(store.hold("n", 0, key, List.of(rows.get(1).id(), rows.get(2).id())))
                .isEqualTo(2);
        assertThat(oldest(inspection.progress()))
                .isEqualTo(Map.of(
                        WaitReason.PARKED,
                        poison,
                        WaitReason.BLOCKED,
                        rows.get(1).id()));
        assertThat(inspection.waitingBy(WaitingGroup.By.KEY, 10)).containsExactly(new WaitingGroup("k", 2));
        assertThat(store.storedTypes(10).types())
                .extracting(StoredType::type)
                .containsExactlyInAnyOrder("order", "behind");
        jdbc.update(
                "UPDATE tally_outbox SET created_at = TIMESTAMP '2020-01-01 00:00:00' WHERE owner = ?", key.owner());
        assertThat(store.stats().oldestPending()).isGreaterThan(Duration.ofDays(365));

        operations.resume(poison, false, ADA);

        assertThat(store.waiting(List.of(lane), 10)).extracting(RowPlace::id).containsExactly(poison);
        assertThat(store.blockedKeys()).as("until it is sent").containsExactly(key);
        assertThat(oldest(inspection.progress()))
                .isEqualTo(Map.of(
                        WaitReason.BACKLOG,
                        poison,
                        WaitReason.BLOCKED,
                        rows.get(1).id()));
        store.complete(lane, List.of(poison));
        assertThat(store.blockedKeys()).extracting(BlockedKey::isFree).containsExactly(true);
    }

    @Test
    void aDiscardedMessageFreesItsKey() {
        String lane = KeyLanes.nameOf("k", LANES);
        store.adoptUnlisted("n", lane);
        OutboxEntry poison = insert(lane, message("t", "order", "k", "poison")).get(0);
        assertThat(store.block("n", 0, poison, 3, "refused")).isTrue();
        operations.discard(poison.id(), ADA);
        assertThat(store.blockedKeys()).extracting(BlockedKey::isFree).containsExactly(true);
    }

    @Test
    void scheduledMessagesAreNotLateBeforeTheirTime() {
        insert(WaitingRows.SCHEDULED, scheduled("reminder", "99999999999999"), scheduled("order", "1000"));
        jdbc.update("UPDATE tally_outbox SET created_at = TIMESTAMP '2020-01-01 00:00:00'");
        assertThat(inspection.progress().oldest()).isEmpty();
        assertThat(store.stats().oldestPending()).isNull();
        assertThat(inspection.waitingBy(WaitingGroup.By.TOPIC, 10)).isEmpty();
        assertThat(store.storedTypes(10).types())
                .extracting(StoredType::type)
                .containsExactlyInAnyOrder("order", "reminder");

        assertThat(store.releaseDue("n~", 10).released()).isEqualTo(1);

        assertThat(inspection.progress().age(WaitReason.BACKLOG)).isLessThan(Duration.ofHours(1));
        assertThat(store.stats().oldestPending()).isBetween(Duration.ZERO, Duration.ofHours(1));
    }

    private static Message scheduled(String type, String deliverAt) {
        return new Message(
                new MessageId(type),
                Destination.topic("t"),
                null,
                type,
                Headers.of(Map.of(Headers.DELIVER_AT, deliverAt)),
                new byte[] {1});
    }

    private static Map<WaitReason, Long> oldest(OutboxProgress progress) {
        Map<WaitReason, Long> ids = new HashMap<>();
        progress.oldest().forEach((reason, row) -> ids.put(reason, row.id()));
        return ids;
    }

    @Test
    void countsWhatWaitsByTopicKeyAndOwner() {
        insert("#1", message("a", "order", "k1", "1"), message("b", "order", "k1", "2"));
        insert("#2", message("b", "order", "k2", "3"));
        insert("n", message("b", "order", null, "4"));
        park("k1", "parked");
        assertThat(inspection.waitingBy(WaitingGroup.By.TOPIC, 10))
                .containsExactly(new WaitingGroup("b", 3), new WaitingGroup("a", 1));
        assertThat(inspection.waitingBy(WaitingGroup.By.KEY, 1)).containsExactly(new WaitingGroup("k1", 2));
        assertThat(inspection.waitingBy(WaitingGroup.By.KEY, 10)).hasSize(3).contains(new WaitingGroup(null, 1));
        assertThat(inspection.waitingBy(WaitingGroup.By.OWNER, 10))
                .containsExactly(new WaitingGroup("#1", 2), new WaitingGroup("#2", 1), new WaitingGroup("n", 1));
    }

    @Test
    void largePayloadsAreEditedAndListedWithoutBeingRead() {
        long row = park("k", "a");
        byte[] large = new byte[4 << 20];
        large[large.length - 1] = 7;
        operations.edit(row, RowEdit.none().withPayload(large), ADA);
        assertThat(inspection.parked(ParkedFilter.all(), 0, 1).rows().get(0).payloadBytes())
                .isEqualTo(large.length);
        assertThat(Arrays.equals(inspection.find(row).orElseThrow().message().payload(), large))
                .isTrue();
    }
}
