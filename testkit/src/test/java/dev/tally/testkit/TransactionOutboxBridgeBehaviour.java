package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.gruelbox.transactionoutbox.DefaultPersistor;
import com.gruelbox.transactionoutbox.Dialect;
import com.gruelbox.transactionoutbox.Invocation;
import com.gruelbox.transactionoutbox.ThreadLocalContextTransactionManager;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutboxEntry;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.bridge.Peer;
import dev.tally.outbox.bridge.RecordedCall;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * From transaction-outbox. Tables and rows up to version 8 of its schema are written by the library itself; topics came
 * later than its last version that Maven Central has, so what version 13 writes is written here by hand, the recorded
 * call by the library's serializer.
 */
abstract class TransactionOutboxBridgeBehaviour extends OnBridgeBench {

    private static final Peer PEER = new Peer.TransactionOutbox(Peer.TransactionOutbox.TABLE);

    private final Set<String> unmappable = new HashSet<>();
    private DefaultPersistor library;
    private ThreadLocalContextTransactionManager libraryTransactions;

    abstract Dialect libraryDialect();

    @BeforeEach
    void open() {
        library = DefaultPersistor.builder().dialect(libraryDialect()).build();
        libraryTransactions = TransactionManager.fromDataSource(bench.dataSource());
        library.migrate(libraryTransactions);
    }

    /** Sends what the recorded call would have sent. */
    private final BridgeMapping calls = row -> {
        RecordedCall call = RecordedCall.of(row);
        if (!call.methodName().equals("send")) {
            return BridgeMapping.drop("calls of " + call.name() + " are not messages");
        }
        String orderId = call.argument(0).asString();
        if (unmappable.contains(orderId)) {
            return BridgeMapping.leave("not understood");
        }
        return BridgeMapping.deliver(row.toMessage("orders", row.key(), "OrderPlaced", orderId));
    };

    private static TransactionOutboxEntry.TransactionOutboxEntryBuilder<?, ?> entry(String method, String orderId) {
        Class<?>[] types = {String.class, int.class};
        return TransactionOutboxEntry.builder()
                .id(UUID.randomUUID().toString())
                .invocation(new Invocation("com.acme.Mailer", method, types, new Object[] {orderId, 7}))
                .nextAttemptTime(Instant.now());
    }

    private void save(TransactionOutboxEntry entry) throws Exception {
        libraryTransactions.inTransactionThrows(transaction -> library.save(transaction, entry));
    }

    /** What version 13 of the schema adds, and how rows with a topic are written. */
    private void addTopics() {
        bench.jdbc.execute("ALTER TABLE TXNO_OUTBOX ADD COLUMN topic VARCHAR(250) DEFAULT '*' NOT NULL");
        bench.jdbc.execute("ALTER TABLE TXNO_OUTBOX ADD COLUMN seq BIGINT NULL");
        bench.jdbc.execute("CREATE INDEX IX_TXNO_OUTBOX_2 ON TXNO_OUTBOX (topic, processed, seq)");
    }

    private void saveInTopic(String topic, long seq, String orderId) throws Exception {
        TransactionOutboxEntry entry = entry("send", orderId).build();
        save(entry);
        bench.jdbc.update("UPDATE TXNO_OUTBOX SET topic = ?, seq = ? WHERE id = ?", topic, seq, entry.getId());
    }

    @Test
    void takesWhatWasNotProcessedExactlyOnce() throws Exception {
        save(entry("send", "new").build());
        save(entry("send", "blocked").attempts(5).blocked(true).build());
        save(entry("send", "retrying").attempts(2).build());
        save(entry("send", "unique").uniqueRequestId("r1").build());
        save(entry("send", "processed").uniqueRequestId("r2").processed(true).build());
        save(entry("clearCache", "x").build());
        List<Map<String, Object>> before = bench.contents("TXNO_OUTBOX");
        OutboxBridge bridge = bench.bridge(PEER, calls);
        assertThat(bridge.progress().waiting())
                .containsExactlyInAnyOrderEntriesOf(Map.of("PENDING", 3L, "BLOCKED", 1L, "RETRYING", 1L));

        BridgeProgress drained = BridgeBench.round(bridge);
        BridgeBench.round(bridge);
        BridgeBench.round(bench.bridge(PEER, calls));

        assertThat(drained.state()).isEqualTo(BridgeState.DRAINED);
        assertThat(drained.taken()).isEqualTo(4);
        assertThat(drained.dropped())
                .containsExactly(Map.entry("calls of com.acme.Mailer#clearCache are not messages", 1L));
        assertThat(bench.contents("TXNO_OUTBOX")).isEqualTo(before);
        assertThat(BridgeBench.payloads(bench.delivered()))
                .containsExactlyInAnyOrder("new", "blocked", "retrying", "unique");
    }

    @Test
    void leavesAloneWhatAnOldInstanceProcessesMeanwhile() throws Exception {
        List<TransactionOutboxEntry> entries = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            TransactionOutboxEntry entry = entry("send", "o" + i).build();
            save(entry);
            entries.add(entry);
        }
        OutboxBridge bridge = bench.bridge(PEER, calls);
        bridge.step();
        Set<String> taken = Set.copyOf(bench.storedIds());
        assertThat(taken).hasSize(3);
        for (TransactionOutboxEntry entry : entries) {
            libraryTransactions.inTransactionThrows(transaction -> {
                assertThat(library.lock(transaction, entry)).isTrue();
                library.delete(transaction, entry);
            });
        }
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.storedIds()).hasSize(3);
    }

    @Test
    void takesNothingWhileAnInstanceShowsThatItWorks() throws Exception {
        save(entry("send", "old")
                .nextAttemptTime(Instant.now().minus(Duration.ofHours(2)))
                .build());
        save(entry("send", "tried").lastAttemptTime(Instant.now()).build());
        bench.clockIsAhead(Duration.ofMinutes(1));
        OutboxBridge bridge = bench.bridge(PEER, calls);
        BridgeProgress progress = BridgeBench.round(bridge);
        assertThat(progress.state()).isEqualTo(BridgeState.REFUSED);
        assertThat(progress.detail()).contains("a call was attempted");
        assertThat(bench.stored()).isEmpty();
        bench.clockIsAhead(BridgeBench.QUIET.plusMinutes(1));
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
    }

    @Test
    void waitsForTheTimeOfWhatIsScheduledOrClaimed() throws Exception {
        Instant later = Instant.now().plus(Duration.ofHours(3));
        save(entry("send", "later").nextAttemptTime(later).build());
        save(entry("send", "now").build());
        OutboxBridge bridge = bench.bridge(PEER, calls);
        BridgeProgress progress = BridgeBench.round(bridge);
        assertThat(bench.stored()).containsExactly("now");
        assertThat(progress.state()).isEqualTo(BridgeState.WAITING);
        assertThat(progress.rowsWaiting()).isEqualTo(1);
        bench.clockIsAhead(Duration.ofHours(4));
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly("now", "later");
    }

    @Test
    void keepsTheOrderOfEachTopic() throws Exception {
        addTopics();
        for (int i = 20; i > 0; i--) {
            saveInTopic("t" + i % 3, i, "t" + i % 3 + "-" + (100 + i));
        }
        BridgeBench.round(bench.bridge(PEER, calls));
        bench.delivered();
        for (String topic : List.of("t0", "t1", "t2")) {
            List<String> ofTopic = bench.stored().stream()
                    .filter(payload -> payload.startsWith(topic))
                    .toList();
            assertThat(ofTopic).isSorted();
            assertThat(bench.transport.firstDeliveries(topic)).hasSizeBetween(6, 7);
            assertThat(BridgeBench.payloads(bench.transport.sent()).stream()
                            .filter(payload -> payload.startsWith(topic))
                            .toList())
                    .isSorted();
        }
    }

    @Test
    void whatCannotBeMappedStopsItsOwnTopicOnly() throws Exception {
        addTopics();
        for (int i = 1; i < 6; i++) {
            saveInTopic("a", i, "a" + i);
            saveInTopic("b", i, "b" + i);
        }
        save(entry("send", "without").build());
        unmappable.add("a2");
        OutboxBridge bridge = bench.bridge(PEER, calls);
        BridgeProgress progress = BridgeBench.round(bridge);
        assertThat(bench.stored()).containsExactlyInAnyOrder("a1", "b1", "b2", "b3", "b4", "b5", "without");
        assertThat(progress.state()).isEqualTo(BridgeState.REMAINDER);
        assertThat(progress.left()).containsExactly(Map.entry("not understood", 1L));
        assertThat(progress.heldInLastRound()).isEqualTo(3);
        assertThat(progress.rowsWaiting()).isEqualTo(3);

        unmappable.clear();
        assertThat(BridgeBench.round(bridge).rowsLeft()).as("not its time yet").isEqualTo(1);
        bridge.retryLeft();
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored().stream().filter(p -> p.startsWith("a")).toList())
                .containsExactly("a1", "a2", "a3", "a4", "a5");
    }

    @Test
    void aTopicGoesOnWhenSomebodyRemovesTheRowThatStoppedIt() throws Exception {
        addTopics();
        saveInTopic("a", 1, "a1");
        saveInTopic("a", 2, "a2");
        unmappable.add("a1");
        OutboxBridge bridge = bench.bridge(PEER, calls);
        assertThat(BridgeBench.round(bridge).rowsLeft()).isEqualTo(1);
        bench.jdbc.update("DELETE FROM TXNO_OUTBOX WHERE seq = 1");
        BridgeProgress progress = BridgeBench.round(bridge);
        assertThat(progress.state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly("a2");
    }

    @Test
    void aTopicWaitsForItsFirstRowThatIsNotDue() throws Exception {
        addTopics();
        saveInTopic("a", 1, "a1");
        saveInTopic("a", 2, "a2");
        bench.jdbc.update(
                "UPDATE TXNO_OUTBOX SET nextAttemptTime = ? WHERE seq = 1",
                Timestamp.from(Instant.now().plus(Duration.ofHours(2))));
        OutboxBridge bridge = bench.bridge(PEER, calls);
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.WAITING);
        assertThat(bench.stored()).isEmpty();
        bench.clockIsAhead(Duration.ofHours(4));
        BridgeBench.round(bridge);
        assertThat(bench.stored()).containsExactly("a1", "a2");
    }

    @Test
    void saysWhichTableIsMissing() {
        OutboxBridge bridge = bench.bridge(new Peer.TransactionOutbox("elsewhere"), calls);
        bridge.step();
        assertThatThrownBy(bridge::progress).hasMessageContaining("elsewhere is not there");
        assertThat(bench.stored()).isEmpty();
    }
}
