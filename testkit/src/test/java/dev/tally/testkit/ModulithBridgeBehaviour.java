package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeMode;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.bridge.Peer;
import dev.tally.outbox.bridge.TypeMapping;
import dev.tally.outbox.bridge.TypeMapping.Target;
import dev.tally.testkit.ModulithInstance.OrderPlaced;
import dev.tally.testkit.ModulithInstance.OrderShipped;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From Spring Modulith's registry, which the real library writes. */
abstract class ModulithBridgeBehaviour extends OnBridgeBench {

    private static final Peer PEER = new Peer.Modulith(Peer.Modulith.TABLE, List.of(ModulithInstance.BROKER_LISTENER));
    private static final BridgeMapping PLACED =
            new TypeMapping(Map.of(OrderPlaced.class.getName(), new Target("orders", "OrderPlaced")));

    @ParameterizedTest
    @CsvSource({"update, false", "delete, false", "archive, false", "update, true", "delete, true", "archive, true"})
    void takesWhatWasNotDeliveredExactlyOnce(String completionMode, boolean legacySchema) {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), completionMode, legacySchema)) {
            old.place("o1", false);
            old.place("o2", true);
            for (int i = 3; i < 10; i++) {
                old.place("o" + i, false);
            }
            assertThat(old.sent()).containsExactly("o2");
        }
        List<Map<String, Object>> before = bench.contents("EVENT_PUBLICATION");
        OutboxBridge bridge = bench.bridge(PEER, PLACED);

        BridgeProgress drained = BridgeBench.round(bridge);
        BridgeBench.round(bridge);
        BridgeBench.round(bench.bridge(PEER, PLACED));

        assertThat(drained.state()).isEqualTo(BridgeState.DRAINED);
        assertThat(drained.taken()).isEqualTo(8);
        assertThat(drained.ofOthers()).isEqualTo(9);
        assertThat(bench.contents("EVENT_PUBLICATION")).isEqualTo(before);
        List<Message> delivered = bench.delivered();
        assertThat(BridgeBench.payloads(delivered))
                .containsExactlyInAnyOrder(
                        json("o1"), json("o3"), json("o4"), json("o5"), json("o6"), json("o7"), json("o8"), json("o9"));
        assertThat(delivered).allSatisfy(message -> {
            assertThat(message.destination().topic()).isEqualTo("orders");
            assertThat(message.type()).isEqualTo("OrderPlaced");
            assertThat(message.id().value()).startsWith("modulith:");
            assertThat(message.headers().get("tally-content-type")).isEqualTo("application/json");
        });
    }

    @Test
    void storesInTheOrderOfPublication() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            for (int i = 10; i < 30; i++) {
                old.place("o" + i, false);
            }
        }
        BridgeBench.round(bench.bridge(PEER, PLACED));
        assertThat(bench.stored()).hasSize(20).isSorted();
    }

    @Test
    void takesNothingWhileAnInstanceShowsThatItWorks() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            old.place("o1", false);
            bench.clockIsAhead(Duration.ofHours(1));
            OutboxBridge bridge = bench.bridge(PEER, PLACED);
            bench.clockIsAhead(BridgeBench.QUIET.minusMinutes(1));
            BridgeProgress progress = BridgeBench.round(bridge);
            assertThat(progress.state()).isEqualTo(BridgeState.REFUSED);
            assertThat(progress.detail()).contains("published").contains("seems to run");
            assertThat(bench.stored()).isEmpty();
            assertThat(progress.rowsWaiting()).isEqualTo(1);
            bench.clockIsAhead(BridgeBench.QUIET.plusMinutes(1));
            assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
            assertThat(bench.stored()).containsExactly(json("o1"));
        }
    }

    @Test
    void takesNothingAfterARecentCompletion() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            old.place("o1", false);
            old.place("o2", true);
        }
        bench.jdbc.update(
                "UPDATE EVENT_PUBLICATION SET publication_date = ?, last_resubmission_date = ?",
                Timestamp.valueOf("2020-01-01 00:00:00"),
                Timestamp.valueOf("2020-01-01 00:00:00"));
        bench.clockIsAhead(Duration.ofMinutes(1));
        BridgeProgress progress = BridgeBench.round(bench.bridge(PEER, PLACED));
        assertThat(progress.state()).isEqualTo(BridgeState.REFUSED);
        assertThat(progress.detail()).contains("completed");
        assertThat(bench.stored()).isEmpty();
    }

    @Test
    void leavesAloneWhatAnOldInstanceCompletesMeanwhile() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            for (int i = 1; i < 7; i++) {
                old.place("o" + i, false);
            }
            OutboxBridge bridge = bench.bridge(PEER, PLACED);
            bridge.step();
            assertThat(bench.stored()).containsExactly(json("o1"), json("o2"), json("o3"));
            // The bridge has planned all of them when the instance wakes up.
            old.resubmit();
            assertThat(old.sent()).contains("o4", "o5", "o6");
            BridgeBench.round(bridge);
            assertThat(bench.stored()).containsExactly(json("o1"), json("o2"), json("o3"));
        }
    }

    /** By its default, the bridge is for the listener that Modulith registers itself. */
    @Test
    void takesWhatModulithItselfCouldNotExternalize() {
        try (ModulithInstance old = ModulithInstance.externalizing(bench.dataSource())) {
            old.publish(new OrderPlaced("o1"));
            old.publish(new OrderShipped("s1"));
        }
        Peer byDefault = new Peer.Modulith(Peer.Modulith.TABLE, List.of(Peer.Modulith.EXTERNALIZERS));
        BridgeProgress progress = BridgeBench.round(bench.bridge(byDefault, PLACED));
        assertThat(progress.state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly(json("o1"));
    }

    /** Modulith finds no listener, delivers nothing, and still writes that it has resubmitted. */
    @Test
    void waitsForANewVersionThatResubmitsPublicationsOfAListenerThatItHasNot() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            old.place("o1", false);
        }
        bench.jdbc.update(
                "UPDATE EVENT_PUBLICATION SET publication_date = ?", Timestamp.valueOf("2020-01-01 00:00:00"));
        try (ModulithInstance withoutBroker = ModulithInstance.withoutBroker(bench.dataSource())) {
            withoutBroker.resubmit();
        }
        OutboxBridge bridge = bench.bridge(PEER, PLACED);
        bench.clockIsAhead(Duration.ofMinutes(1));
        BridgeProgress refused = BridgeBench.round(bridge);
        assertThat(refused.state()).isEqualTo(BridgeState.REFUSED);
        assertThat(refused.detail()).contains("resubmitted");
        bench.clockIsAhead(BridgeBench.QUIET.plusMinutes(1));
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly(json("o1"));
    }

    @Test
    void onlyCountsWhileItWatches() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            old.place("o1", false);
        }
        OutboxBridge bridge = bench.bridge(PEER, PLACED, BridgeBench.settings(BridgeMode.WATCH, 3), bench.path());
        BridgeProgress progress = BridgeBench.round(bridge);
        assertThat(progress.state()).isEqualTo(BridgeState.WATCHING);
        assertThat(progress.waiting()).containsExactly(Map.entry("FAILED", 1L));
        assertThat(progress.oldest()).isGreaterThan(Duration.ofMinutes(59));
        assertThat(bench.stored()).isEmpty();
    }

    @Test
    void leavesWhatHasNoTopicAndTakesTheRest() {
        try (ModulithInstance old = new ModulithInstance(bench.dataSource(), "update", false)) {
            old.publish(new OrderShipped("s1"), false, "s1");
            old.place("o1", false);
            old.publish(new OrderShipped("s2"), false, "s2");
            old.place("o2", false);
        }
        BridgeProgress progress = BridgeBench.round(bench.bridge(PEER, PLACED));
        assertThat(bench.stored()).containsExactly(json("o1"), json("o2"));
        assertThat(progress.state()).isEqualTo(BridgeState.REMAINDER);
        assertThat(progress.left())
                .containsExactly(Map.entry("no topic is named for type " + OrderShipped.class.getName(), 2L));
        assertThat(bench.reports).singleElement().satisfies(report -> {
            assertThat(report.summary()).contains("taken=2").contains("left=2").contains("OrderShipped: 2");
        });

        BridgeMapping both = new TypeMapping(Map.of(
                OrderPlaced.class.getName(),
                new Target("orders", "OrderPlaced"),
                OrderShipped.class.getName(),
                new Target("shipping", "OrderShipped")));
        assertThat(BridgeBench.round(bench.bridge(PEER, both)).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly(json("o1"), json("o2"), json("s1"), json("s2"));
    }
}
