package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Message;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.bridge.Peer;
import dev.tally.outbox.bridge.TypeMapping;
import dev.tally.outbox.bridge.TypeMapping.Target;
import dev.tally.testkit.NamastackInstance.OrderPlaced;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** From namastack-outbox, which writes its tables itself. */
abstract class NamastackBridgeBehaviour extends OnBridgeBench {

    private static final int NEVER_GIVES_UP = 1_000_000;
    private static final Peer PEER = new Peer.Namastack(
            Peer.Namastack.TABLE, Peer.Namastack.INSTANCE_TABLE, List.of(NamastackInstance.BROKER_HANDLER));
    private static final BridgeMapping PLACED =
            new TypeMapping(Map.of(OrderPlaced.class.getName(), new Target("orders", "OrderPlaced")));

    private long countOf(String status) {
        Long count =
                bench.jdbc.queryForObject("SELECT COUNT(*) FROM outbox_record WHERE status = ?", Long.class, status);
        return count == null ? 0 : count;
    }

    /** The columns have whole seconds on some databases; what it orders by is made unambiguous here. */
    private void spreadTimes() {
        List<String> ids = bench.jdbc.queryForList("SELECT id FROM outbox_record ORDER BY payload", String.class);
        Instant time = Instant.parse("2024-05-01T10:00:00Z");
        for (String id : ids) {
            time = time.plusSeconds(1);
            bench.jdbc.update("UPDATE outbox_record SET created_at = ? WHERE id = ?", Timestamp.from(time), id);
        }
    }

    @Test
    void takesWhatWasNotHandledExactlyOnceAndInTheOrderOfEachKey() {
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), true, NEVER_GIVES_UP)) {
            old.schedule("k0", "done", Map.of());
            await().atMost(Duration.ofSeconds(60)).until(() -> countOf("COMPLETED") == 1);
        }
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), false, NEVER_GIVES_UP)) {
            for (int i = 100; i < 120; i++) {
                old.schedule("k" + i % 3, "o" + i, Map.of("tenant", "t" + i % 3));
            }
        }
        spreadTimes();
        List<Map<String, Object>> before = bench.contents("outbox_record");
        OutboxBridge bridge = bench.bridge(PEER, PLACED);

        BridgeProgress drained = BridgeBench.round(bridge);
        BridgeBench.round(bridge);
        BridgeBench.round(bench.bridge(PEER, PLACED));

        assertThat(drained.state()).isEqualTo(BridgeState.DRAINED);
        assertThat(drained.taken()).isEqualTo(20);
        assertThat(bench.contents("outbox_record")).isEqualTo(before);
        List<Message> delivered = bench.delivered();
        assertThat(delivered).hasSize(20).allSatisfy(message -> {
            assertThat(message.destination().topic()).isEqualTo("orders");
            assertThat(message.headers().get("tenant"))
                    .isEqualTo("t" + message.key().substring(1));
        });
        for (String key : List.of("k0", "k1", "k2")) {
            List<Message> ofKey = delivered.stream()
                    .filter(message -> key.equals(message.key()))
                    .toList();
            assertThat(BridgeBench.payloads(ofKey)).hasSizeBetween(6, 7).isSorted();
        }
    }

    @Test
    void takesWhatTheOldOneHasGivenUp() {
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), false, 1)) {
            old.schedule("k", "given-up", Map.of());
            await().atMost(Duration.ofSeconds(60)).until(() -> countOf("FAILED") == 1);
            old.schedule("k", "behind-it", Map.of());
        }
        spreadTimes();
        bench.jdbc.update(
                "UPDATE outbox_record SET created_at = ? WHERE status = 'NEW'",
                Timestamp.from(Instant.parse("2024-06-01T10:00:00Z")));
        OutboxBridge bridge = bench.bridge(PEER, PLACED);
        assertThat(bridge.progress().waiting()).containsExactlyInAnyOrderEntriesOf(Map.of("FAILED", 1L, "NEW", 1L));
        BridgeBench.round(bridge);
        assertThat(bench.stored()).containsExactly(json("given-up"), json("behind-it"));
    }

    @Test
    void takesNothingWhileAnInstanceWritesHeartbeats() {
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), false, NEVER_GIVES_UP)) {
            old.schedule("k", "o1", Map.of());
            bench.jdbc.update(
                    "UPDATE outbox_record SET created_at = ?", Timestamp.from(Instant.parse("2024-05-01T10:00:00Z")));
            bench.clockIsAhead(Duration.ofSeconds(30));
            OutboxBridge bridge = bench.bridge(PEER, PLACED);
            BridgeProgress progress = BridgeBench.round(bridge);
            assertThat(progress.state()).isEqualTo(BridgeState.REFUSED);
            assertThat(progress.detail()).contains("heartbeat");
            assertThat(progress.rowsWaiting()).isEqualTo(1);
            assertThat(bench.stored()).isEmpty();
        }
        bench.clockIsAhead(Duration.ofHours(1));
        assertThat(BridgeBench.round(bench.bridge(PEER, PLACED)).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly(json("o1"));
    }

    @Test
    void leavesAloneWhatAnOldInstanceHandlesMeanwhile() {
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), false, NEVER_GIVES_UP)) {
            for (int i = 1; i < 7; i++) {
                old.schedule("k" + i, "o" + i, Map.of());
            }
        }
        spreadTimes();
        OutboxBridge bridge = bench.bridge(PEER, PLACED);
        bridge.step();
        assertThat(bench.stored()).containsExactly(json("o1"), json("o2"), json("o3"));
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), true, NEVER_GIVES_UP)) {
            await().atMost(Duration.ofSeconds(60)).until(() -> countOf("COMPLETED") == 6);
            assertThat(old.sent()).contains("o4", "o5", "o6");
        }
        BridgeBench.round(bridge);
        assertThat(bench.stored()).containsExactly(json("o1"), json("o2"), json("o3"));
    }

    @Test
    void aRecordWhoseContextIsDamagedStopsItsOwnKeyOnly() {
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), false, NEVER_GIVES_UP)) {
            old.schedule("a", "o1", Map.of());
            old.schedule("a", "o2", Map.of());
            old.schedule("b", "o3", Map.of());
        }
        spreadTimes();
        bench.jdbc.update("UPDATE outbox_record SET context = '[oops' WHERE payload = ?", json("o1"));
        BridgeProgress progress = BridgeBench.round(bench.bridge(PEER, PLACED));
        assertThat(bench.stored()).containsExactly(json("o3"));
        assertThat(progress.state()).isEqualTo(BridgeState.REMAINDER);
        assertThat(progress.left()).containsExactly(Map.entry("its context is not a JSON object of strings", 1L));
        assertThat(progress.heldInLastRound()).isEqualTo(1);
    }

    @Test
    void recordsOfOtherHandlersAreNotItsBusiness() {
        try (NamastackInstance old = new NamastackInstance(bench.dataSource(), false, NEVER_GIVES_UP)) {
            old.schedule("a", "o1", Map.of());
        }
        Peer others = new Peer.Namastack(
                Peer.Namastack.TABLE, Peer.Namastack.INSTANCE_TABLE, List.of("com.acme.InProcess#*"));
        BridgeProgress progress = BridgeBench.round(bench.bridge(others, PLACED));
        assertThat(progress.state()).isEqualTo(BridgeState.DRAINED);
        assertThat(progress.ofOthers()).isEqualTo(1);
        assertThat(bench.stored()).isEmpty();
    }
}
