package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.ArchivedEntry;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxRetention;
import dev.tally.outbox.ParkedEntry;
import dev.tally.outbox.RowPlace;
import dev.tally.outbox.StoredType;
import dev.tally.outbox.StoredTypes;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxArchive;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What becomes of rows in the end, and of rows that are not as this version writes them, on a real database. */
abstract class OutboxTableBehaviour {

    private static final Duration KEEP = Duration.ofDays(30);
    private static final Duration TOMORROW = Duration.ofDays(-1);

    private TestDatabase database;
    private JdbcOutboxStore store;
    private JdbcOperationsStore operations;
    private JdbcOutboxStore archiving;
    private JdbcOutboxArchive archive;
    private TransactionTemplate transactions;
    private JdbcTemplate jdbc;

    abstract TestDatabase createDatabase();

    /** Whether the archive has partitions here. */
    boolean isPartitioned() {
        return true;
    }

    @BeforeEach
    void open() {
        database = createDatabase();
        store = JdbcOutboxStore.create(database.dataSource(), database.dialect());
        operations = JdbcOperationsStore.create(database.dataSource(), database.dialect());
        archiving = JdbcOutboxStore.create(database.dataSource(), database.dialect(), OutboxRetention.ARCHIVE);
        archive = JdbcOutboxArchive.create(database.dataSource(), database.dialect());
        transactions = new TransactionTemplate(new DataSourceTransactionManager(database.dataSource()));
        jdbc = new JdbcTemplate(database.dataSource());
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static Message message(String id) {
        return new Message(
                new MessageId(id),
                new Destination("t", "tag"),
                "k",
                "type",
                Headers.of(Map.of("größe", "line 1\nline 2")),
                ("payload of " + id).getBytes(StandardCharsets.UTF_8));
    }

    private List<Long> insert(String owner, String... ids) {
        List<Message> messages =
                Arrays.stream(ids).map(OutboxTableBehaviour::message).toList();
        List<OutboxEntry> entries = transactions.execute(status -> store.insert(owner, messages));
        return entries.stream().map(OutboxEntry::id).toList();
    }

    private long count(String table) {
        return jdbc.queryForObject("SELECT COUNT(*) FROM " + table, Long.class);
    }

    // What is sent.

    @Test
    void keepsWhatWasSentAndFindsItById() {
        Instant before =
                ProcessHandle.current().info().startInstant().orElseThrow().minusSeconds(60);
        List<Long> ids = insert("n", "a", "b");
        List<Long> other = insert("#1", "c");
        assertThat(archiving.complete(Map.of("n", ids, "#1", other))).isEqualTo(3);
        assertThat(count("tally_outbox")).isZero();
        ArchivedEntry found = archive.find(new MessageId("b")).orElseThrow();
        assertThat(found.id()).isEqualTo(ids.get(1));
        assertThat(found.message().toString()).isEqualTo(message("b").toString());
        assertThat(found.message().headers()).isEqualTo(message("b").headers());
        assertThat(found.message().destination()).isEqualTo(message("b").destination());
        assertThat(found.message().payload()).isEqualTo(message("b").payload());
        assertThat(found.createdAt()).isBetween(before, before.plus(Duration.ofHours(2)));
        assertThat(found.sentAt())
                .isBetween(found.createdAt(), found.createdAt().plus(Duration.ofHours(1)));
        assertThat(archive.find(new MessageId("never"))).isEmpty();
    }

    @Test
    void keepsOnlyWhatIsThereAndNothingWhereItIsDeleted() {
        List<Long> ids = insert("n", "a", "b", "c");
        assertThat(archiving.complete("n", ids.subList(0, 2))).isEqualTo(2);
        assertThat(archiving.complete("n", ids)).isEqualTo(1);
        assertThat(archiving.complete("n", ids)).isZero();
        assertThat(archiving.complete("other", insert("n", "of somebody else"))).isZero();
        assertThat(count("tally_outbox_archive")).isEqualTo(3);
        assertThat(store.complete("n", insert("n", "deleted"))).isEqualTo(1);
        assertThat(count("tally_outbox_archive")).isEqualTo(3);
        assertThat(count("tally_outbox")).isEqualTo(1);
    }

    /** Also the 65 of them, for which statements are not as long as the list is. */
    @Test
    void keepsABatchOfSeveralOwners() {
        Map<String, List<Long>> sent = Map.of(
                "n", insert("n", IntStream.range(0, 60).mapToObj(i -> "n" + i).toArray(String[]::new)),
                "#0", insert("#0", "x1", "x2", "x3"),
                "#1", insert("#1", "y1", "y2"));
        assertThat(archiving.complete(sent)).isEqualTo(65);
        assertThat(count("tally_outbox")).isZero();
        assertThat(count("tally_outbox_archive")).isEqualTo(65);
    }

    @Test
    void nodesThatCompleteTheSameRowsBesidePublishersAndPurgesKeepEachOnce() throws Exception {
        int nodes = 3;
        ExecutorService threads = Executors.newFixedThreadPool(nodes + 3);
        AtomicBoolean ended = new AtomicBoolean();
        List<Future<?>> others = new ArrayList<>();
        try {
            others.add(threads.submit(() -> {
                while (!ended.get()) {
                    insert("publisher", "p");
                }
            }));
            for (int i = 0; i < 2; i++) {
                others.add(threads.submit(() -> {
                    while (!ended.get()) {
                        archive.prepare(KEEP);
                        archive.purge(KEEP, 100);
                    }
                }));
            }
            int expected = 0;
            for (int round = 0; round < 8; round++) {
                List<Long> ids = new ArrayList<>();
                for (int i = 0; i < 10; i++) {
                    ids.addAll(insert("n", "a" + round + "-" + i, "b" + round + "-" + i));
                }
                expected += ids.size();
                CyclicBarrier together = new CyclicBarrier(nodes);
                List<Future<Integer>> completions = new ArrayList<>();
                for (int node = 0; node < nodes; node++) {
                    int turn = node;
                    completions.add(threads.submit((Callable<Integer>) () -> {
                        List<Long> mine = new ArrayList<>(ids);
                        java.util.Collections.rotate(mine, 7 * turn);
                        together.await(60, TimeUnit.SECONDS);
                        return archiving.complete("n", mine);
                    }));
                }
                int completed = 0;
                for (Future<Integer> completion : completions) {
                    completed += completion.get(120, TimeUnit.SECONDS);
                }
                assertThat(completed).isEqualTo(ids.size());
            }
            assertThat(count("tally_outbox_archive")).isEqualTo(expected);
            ended.set(true);
            for (Future<?> other : others) {
                other.get(120, TimeUnit.SECONDS);
            }
        } finally {
            ended.set(true);
            threads.shutdown();
            assertThat(threads.awaitTermination(120, TimeUnit.SECONDS)).isTrue();
        }
    }

    // What becomes of what was kept.

    private String tomorrow() {
        return LocalDate.ofInstant(now(), ZoneOffset.UTC).plusDays(1).format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    private Instant now() {
        Long micros = jdbc.queryForObject(
                "SELECT " + database.dialect().epochMicros(database.dialect().now()), Long.class);
        return Instant.EPOCH.plusNanos(micros * 1000);
    }

    private List<String> partitions() {
        return switch (database.dialect()) {
            case H2 -> List.of();
            case POSTGRESQL ->
                jdbc.queryForList(
                        "SELECT substr(relname, 22) FROM pg_class JOIN pg_inherits ON oid = inhrelid"
                                + " WHERE inhparent = CAST('tally_outbox_archive' AS regclass) AND relname LIKE '%_p%' ORDER BY 1",
                        String.class);
            case MYSQL, MARIADB ->
                jdbc.queryForList(
                        "SELECT partition_name FROM information_schema.partitions WHERE table_schema = DATABASE()"
                                + " AND table_name = 'tally_outbox_archive' AND partition_name <> 'p_rest'"
                                + " ORDER BY partition_ordinal_position",
                        String.class);
        };
    }

    /** Archives rows, and lets them look as old as this. */
    private void archived(Duration age, String... ids) {
        assertThat(archiving.complete("n", insert("n", ids))).isEqualTo(ids.length);
        long seconds = age.negated().toSeconds();
        String back =
                switch (database.dialect()) {
                    case H2 -> "DATEADD(SECOND, " + seconds + ", sent_at)";
                    case POSTGRESQL -> "sent_at + INTERVAL '" + seconds + " seconds'";
                    case MYSQL, MARIADB -> "sent_at + INTERVAL " + seconds + " SECOND";
                };
        for (String id : ids) {
            assertThat(jdbc.update("UPDATE tally_outbox_archive SET sent_at = " + back + " WHERE message_id = ?", id))
                    .isEqualTo(1);
        }
    }

    @Test
    void createsPartitionsForTheTimeToComeOnce() {
        assertThat(archive.prepare(KEEP)).isTrue();
        List<String> created = partitions();
        if (isPartitioned()) {
            assertThat(created).hasSize(7).first().asString().startsWith("p" + tomorrow());
        }
        assertThat(archive.prepare(KEEP)).isTrue();
        assertThat(archive.purge(KEEP, 10)).isZero();
        assertThat(partitions()).isEqualTo(created);
        archived(TOMORROW, "a");
        if (isPartitioned()) {
            assertThat(rest()).as("rows without a partition").isZero();
        }
        // A longer keep goes on by months where the days end.
        assertThat(archive.prepare(Duration.ofDays(400))).isTrue();
        if (isPartitioned()) {
            assertThat(partitions()).hasSizeGreaterThan(created.size()).containsAll(created);
        }
        assertThat(archive.find(new MessageId("a"))).isPresent();
    }

    private long rest() {
        return switch (database.dialect()) {
            case H2 -> count("tally_outbox_archive");
            case POSTGRESQL -> count("tally_outbox_archive_rest");
            case MYSQL, MARIADB -> count("tally_outbox_archive PARTITION (p_rest)");
        };
    }

    @Test
    void withoutAnyPartitionRowsAreKeptAndOldOnesDeletedInBatches() {
        archived(Duration.ofDays(31), "a", "b", "c", "d", "e");
        archived(Duration.ofDays(29), "young");
        assertThat(archive.purge(KEEP, 2)).isEqualTo(2);
        assertThat(jdbc.queryForList("SELECT message_id FROM tally_outbox_archive ORDER BY id", String.class))
                .containsExactly("c", "d", "e", "young");
        assertThat(archive.purge(KEEP, 100)).isEqualTo(3);
        assertThat(archive.purge(KEEP, 100)).isZero();
        assertThat(count("tally_outbox_archive")).isEqualTo(1);
    }

    /** Rows that came before there was a partition for them; that day has none on PostgreSQL then, and needs none. */
    @Test
    void partitionsAreCreatedBesideRowsThatHaveNone() {
        archived(TOMORROW, "a");
        assertThat(archive.prepare(KEEP)).isTrue();
        if (isPartitioned()) {
            assertThat(partitions()).hasSizeGreaterThanOrEqualTo(6);
        }
        archived(Duration.ZERO, "b");
        assertThat(archive.find(new MessageId("a"))).isPresent();
        assertThat(archive.find(new MessageId("b"))).isPresent();
        assertThat(archive.purge(KEEP, 10)).isZero();
        assertThat(count("tally_outbox_archive")).isEqualTo(2);
    }

    @Test
    void dropsPartitionsWhenAllOfTheirRowsAreOld() {
        createPartitionOf(40);
        createPartitionOf(31);
        createPartitionOf(30);
        archived(Duration.ofDays(40), "old1", "old2");
        archived(Duration.ofDays(30), "at the edge");
        archived(Duration.ZERO, "young");
        if (isPartitioned()) {
            assertThat(rest()).isEqualTo(1);
        }
        int deleted = archive.purge(KEEP, 100);
        assertThat(deleted).isLessThanOrEqualTo(isPartitioned() ? 0 : 3);
        assertThat(jdbc.queryForList(
                        "SELECT message_id FROM tally_outbox_archive WHERE message_id LIKE 'old%'", String.class))
                .isEmpty();
        assertThat(archive.find(new MessageId("young"))).isPresent();
        if (isPartitioned()) {
            assertThat(archive.find(new MessageId("at the edge")))
                    .as("dropped only as a whole")
                    .isPresent();
            assertThat(partitions()).hasSize(1);
        }
    }

    private void createPartitionOf(int daysAgo) {
        LocalDate from = LocalDate.ofInstant(now(), ZoneOffset.UTC).minusDays(daysAgo);
        String name = "p" + from.format(DateTimeFormatter.BASIC_ISO_DATE) + "_"
                + from.plusDays(1).format(DateTimeFormatter.BASIC_ISO_DATE);
        switch (database.dialect()) {
            case H2 -> {}
            case POSTGRESQL ->
                jdbc.execute("CREATE TABLE tally_outbox_archive_" + name + " PARTITION OF tally_outbox_archive"
                        + " FOR VALUES FROM ('" + from + " 00:00:00+00') TO ('" + from.plusDays(1) + " 00:00:00+00')");
            case MYSQL, MARIADB ->
                jdbc.execute("ALTER TABLE tally_outbox_archive REORGANIZE PARTITION p_rest INTO (PARTITION " + name
                        + " VALUES LESS THAN ('" + from.plusDays(1)
                        + " 00:00:00'), PARTITION p_rest VALUES LESS THAN (MAXVALUE))");
        }
    }

    @Test
    void nodesThatPrepareAndPurgeAtTheSameTimeDoNotFailEachOther() throws Exception {
        createPartitionOf(40);
        int nodes = 4;
        ExecutorService threads = Executors.newFixedThreadPool(nodes);
        try {
            CyclicBarrier together = new CyclicBarrier(nodes);
            List<Callable<Integer>> all = IntStream.range(0, nodes)
                    .mapToObj(node -> (Callable<Integer>) () -> {
                        JdbcOutboxArchive own = JdbcOutboxArchive.create(database.dataSource(), database.dialect());
                        together.await(60, TimeUnit.SECONDS);
                        own.prepare(KEEP);
                        return own.purge(KEEP, 10);
                    })
                    .toList();
            for (Future<Integer> each : threads.invokeAll(all)) {
                assertThat(each.get(120, TimeUnit.SECONDS)).isZero();
            }
        } finally {
            threads.shutdownNow();
        }
        // Whoever was left out by the others does it in the next round.
        assertThat(archive.prepare(KEEP)).isTrue();
        archive.purge(KEEP, 10);
        assertThat(partitions()).hasSize(isPartitioned() ? 7 : 0);
    }

    /** A transaction that reads the archive holds a change of its partitions up; that gives up, and completions go on. */
    @Test
    void aLongReadOfTheArchiveHoldsUpNeitherCompletionsNorTheRound() {
        archived(Duration.ZERO, "a");
        transactions.executeWithoutResult(status -> {
            assertThat(count("tally_outbox_archive")).isEqualTo(1);
            archive.prepare(KEEP);
            archive.purge(KEEP, 10);
            List<Long> ids = inAnotherThread(() -> insert("n", "b"));
            assertThat(inAnotherThread(() -> archiving.complete("n", ids))).isEqualTo(1);
        });
        assertThat(archive.prepare(KEEP)).isTrue();
        assertThat(partitions().size()).isGreaterThanOrEqualTo(isPartitioned() ? 7 : 0);
    }

    private static <T> T inAnotherThread(Callable<T> task) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            return thread.submit(task).get(120, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        } finally {
            thread.shutdownNow();
        }
    }

    // What is not as this version writes it.

    @Test
    void oneUnreadableRowAmongAHundredIsParkedAndTheOthersAreRead() {
        String[] ids = IntStream.range(0, 100).mapToObj(i -> "m" + i).toArray(String[]::new);
        List<Long> rows = insert("n", ids);
        spoil(rows.get(10), "format = 99");
        spoil(rows.get(20), "headers = 'no JSON'");
        spoil(rows.get(30), "headers = '{\"a\":null}'");
        spoil(rows.get(40), "topic = ' '");
        spoil(rows.get(50), "message_id = ' '");
        var page = store.readAfter(List.of("n"), 0, 60);
        assertThat(page.entries()).hasSize(55);
        assertThat(page.more()).as("sixty rows were found").isTrue();
        var rest = store.readAfter(List.of("n"), page.lastId(), 60);
        assertThat(rest.entries()).hasSize(40);
        assertThat(rest.more()).isFalse();
        List<ParkedEntry> parked = store.parked(0, 10);
        assertThat(parked)
                .extracting(ParkedEntry::id)
                .containsExactlyElementsOf(
                        IntStream.of(10, 20, 30, 40, 50).mapToObj(rows::get).toList());
        assertThat(parked.get(0).reason()).contains("format 99").contains("reads up to 1");
        assertThat(parked.get(2).reason()).contains("headers");
        assertThat(parked.get(3).message().destination().topic()).isEqualTo("?");
        assertThat(parked.get(4).message().payload()).isEqualTo(message("m50").payload());
        assertThat(store.stats().pending()).isEqualTo(95);
    }

    @Test
    void anUnreadableLastRowDoesNotHideWhatComesAfterIt() {
        List<Long> rows = insert("n", "a", "b", "c");
        spoil(rows.get(0), "format = 2");
        spoil(rows.get(1), "format = 2");
        var page = store.readAfter(List.of("n"), 0, 2);
        assertThat(page.entries()).isEmpty();
        assertThat(page.more()).isTrue();
        assertThat(page.lastId()).isEqualTo(rows.get(1));
        List<Long> lane = insert("#1", "d", "e");
        spoil(lane.get(0), "format = 2");
        List<RowPlace> places = store.waiting(List.of("#1"), 10);
        assertThat(places).hasSize(2);
        assertThat(store.read(places))
                .extracting(entry -> entry.message().id().value())
                .containsExactly("e");
        assertThat(store.parked(0, 10)).hasSize(3);
    }

    @Test
    void whatIsRepairedByHandCanBeResumedAndRead() {
        long id = insert("n", "a").get(0);
        spoil(id, "headers = '['");
        assertThat(store.readAfter(List.of("n"), 0, 10).entries()).isEmpty();
        assertThat(operations.giveBack(id, null)).isTrue();
        assertThat(store.readAfter(List.of("-"), 0, 10).entries())
                .as("still unreadable")
                .isEmpty();
        assertThat(store.parked(0, 10)).hasSize(1);
        spoil(id, "headers = '{}'");
        assertThat(operations.giveBack(id, null)).isTrue();
        assertThat(store.readAfter(List.of("-"), 0, 10).entries()).hasSize(1);
    }

    private void spoil(long id, String change) {
        assertThat(jdbc.update("UPDATE tally_outbox SET " + change + " WHERE id = ?", id))
                .isEqualTo(1);
    }

    @Test
    void countsWhatIsStoredByType() {
        insert("n", "a", "b");
        long parked = insert("#1", "c").get(0);
        spoil(insert("#1", "d").get(0), "format = 7");
        spoil(parked, "type = 'gone', owner = '!parked'");
        StoredTypes all = store.storedTypes(100);
        assertThat(all.types())
                .containsExactly(
                        new StoredType("t", "gone", 1, 1),
                        new StoredType("t", "type", 1, 2),
                        new StoredType("t", "type", 7, 1));
        assertThat(all.complete()).isTrue();
        StoredTypes some = store.storedTypes(2);
        assertThat(some.types().stream().mapToLong(StoredType::rows).sum())
                .as("one is parked, two of the others are looked at")
                .isEqualTo(3);
        assertThat(some.complete()).isFalse();
    }

    // How it is done.

    @Test
    void itsOwnTransactionsAreReadCommittedWhateverThePoolSays() throws Exception {
        Set<Integer> others = Set.of(Connection.TRANSACTION_SERIALIZABLE, Connection.TRANSACTION_REPEATABLE_READ);
        for (int given : others) {
            IsolationOfStatements recorded = new IsolationOfStatements(database.dataSource(), given);
            for (OutboxRetention retention : OutboxRetention.values()) {
                JdbcOutboxStore own = JdbcOutboxStore.create(recorded, database.dialect(), retention);
                String node = "node" + given + retention;
                own.requireLanes(8);
                own.register(node, node + "~", null, 8);
                own.heartbeat(node);
                own.view(Duration.ofHours(1));
                own.acknowledge(node, 1, true);
                own.adoptUnlisted(node, "#" + given);
                List<Long> ids = insert(node, "a", "b", "c");
                own.openTransactions();
                own.fateOf(node, ids.get(0));
                own.ownersWithRows();
                own.read(own.waiting(List.of(node), 10));
                own.readAfter(List.of(node), 0, 10);
                own.recordFailure(node, 0, node, ids.get(0), 1, "x");
                own.park(node, 0, node, ids.get(0), 1, "x");
                own.parked(0, 10);
                own.stats();
                own.storedTypes(10);
                own.complete(node, ids);
                own.handOver("#" + given, node, 0, "another");
                own.adopt(node, "another", Duration.ZERO);
                own.forget(node, node);
                own.release(node);
            }
            JdbcOutboxArchive kept = JdbcOutboxArchive.create(recorded, database.dialect());
            kept.find(new MessageId("a"));
            kept.prepare(KEEP);
            kept.purge(KEEP, 10);
            Collection<Integer> seen = recorded.seen();
            assertThat(seen).isNotEmpty().containsOnly(Connection.TRANSACTION_READ_COMMITTED);
            assertThat(recorded.givenBack()).as("as it came").containsOnly(given);
        }
    }
}
