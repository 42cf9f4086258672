package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.OutboxSettings;
import dev.tally.retry.Backoff;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The relay on a real database. */
abstract class OutboxRelayBehaviour {

    static final Duration SOON = Duration.ofSeconds(60);

    final RecordingTransport transport = new RecordingTransport();
    private final List<OutboxNode> nodes = new ArrayList<>();
    TestDatabase database;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void openDatabase() {
        database = createDatabase();
    }

    @AfterEach
    void closeEverything() {
        nodes.forEach(OutboxNode::close);
        database.close();
    }

    static OutboxSettings.Builder quick() {
        return OutboxSettings.builder()
                .heartbeat(Duration.ofMillis(200))
                .nodeExpiry(Duration.ofSeconds(3))
                .retry(new Backoff(Duration.ofMillis(20), Duration.ofMillis(500), 2, 0.5))
                .drainLimit(Duration.ofSeconds(20));
    }

    OutboxNode node(OutboxSettings settings) {
        OutboxNode node = new OutboxNode(database, transport, settings);
        nodes.add(node);
        return node;
    }

    void awaitEmptyTable(OutboxNode node) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(node.store().stats().pending()).isZero());
    }

    @Test
    @Scenario("messaging-3")
    void sendsWhatCommittedAndNothingElse() {
        OutboxNode node = node(quick().build()).start();
        node.publish("k", "a", "b");
        node.publishAndRollBack("k", "never");
        node.publish(null, "c");
        node.publish("k", "d");
        awaitEmptyTable(node);
        assertThat(transport.sentIds()).containsExactlyInAnyOrder("a", "b", "c", "d");
        assertThat(transport.firstDeliveries("k")).containsExactly("a", "b", "d");
    }

    @Test
    void sendsWhatWasPublishedBeforeItStarted() {
        OutboxNode node = node(quick().build());
        node.publish("k", "a", "b");
        node.publish("k", "c");
        node.start();
        node.publish("k", "d");
        awaitEmptyTable(node);
        assertThat(transport.firstDeliveries("k")).containsExactly("a", "b", "c", "d");
    }

    @Test
    @Scenario("messaging-1")
    void takesOverADeadPredecessorOfTheSamePlaceAtOnce() {
        transport.down(true);
        OutboxSettings settings =
                quick().instance("orders-0").nodeExpiry(Duration.ofHours(1)).build();
        OutboxNode dead = node(settings).start();
        for (int i = 0; i < 20; i++) {
            dead.publish("k" + i % 3, "m" + i);
        }
        dead.kill();
        transport.down(false);
        OutboxNode next = node(settings).start();
        next.publish("k0", "m20");
        awaitEmptyTable(next);
        assertThat(transport.firstDeliveries("k0")).containsExactly("m0", "m3", "m6", "m9", "m12", "m15", "m18", "m20");
        assertThat(transport.sentIds()).hasSize(21);
    }

    @Test
    void anotherNodeTakesOverWhenOneIsKilled() {
        transport.down(true);
        OutboxNode dead = node(quick().build()).start();
        OutboxNode survivor = node(quick().build()).start();
        for (int i = 0; i < 50; i++) {
            dead.publish("dead" + i % 5, "d" + i);
            survivor.publish("alive" + i % 5, "s" + i);
        }
        dead.kill();
        transport.down(false);
        awaitEmptyTable(survivor);
        assertThat(transport.sentIds()).hasSize(100).doesNotHaveDuplicates();
        for (int key = 0; key < 5; key++) {
            assertThat(transport.firstDeliveries("dead" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        }
    }

    static int byNumber(String a, String b) {
        return Integer.compare(Integer.parseInt(a.substring(1)), Integer.parseInt(b.substring(1)));
    }

    @Test
    @Scenario("messaging-4")
    void aBacklogBeyondMemoryDrainsInOrderAfterTheBrokerIsBack() {
        transport.down(true);
        OutboxNode node = node(quick().memoryEntries(20).readBatch(8).build()).start();
        for (int i = 0; i < 300; i++) {
            node.publish("k" + i % 7, "m" + i);
        }
        assertThat(node.relay().stats().pendingInMemory()).isLessThanOrEqualTo(20);
        assertThat(node.store().stats().pending()).isEqualTo(300);
        transport.down(false);
        for (int i = 300; i < 400; i++) {
            node.publish("k" + i % 7, "m" + i);
        }
        awaitEmptyTable(node);
        assertThat(transport.sentIds()).hasSize(400).doesNotHaveDuplicates();
        for (int key = 0; key < 7; key++) {
            assertThat(transport.firstDeliveries("k" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        }
    }

    @Test
    @Scenario("messaging-8")
    void aPoisonMessageIsParkedAndCanBeResumedOrDiscarded() {
        transport.failing(message -> message.id().value().startsWith("poison")
                ? new SendOutcome.Failed(false, "too large for the broker", null)
                : null);
        OutboxNode node = node(quick().build()).start();
        node.publish("k", "poison1", "b");
        node.publish("k", "poison2");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(node.store().stats().parked()).isEqualTo(2));
        await().atMost(SOON).untilAsserted(() -> assertThat(transport.sentIds()).containsExactly("b"));
        var parked = node.store().parked(0, 10);
        assertThat(parked).extracting("reason").containsOnly("too large for the broker");
        transport.failing(message -> null);
        assertThat(node.store().resume(parked.get(0).id())).isTrue();
        assertThat(node.store().discard(parked.get(1).id())).isTrue();
        assertThat(node.store().resume(parked.get(1).id())).isFalse();
        await().atMost(SOON).untilAsserted(() -> assertThat(transport.sentIds()).containsExactly("b", "poison1"));
        awaitEmptyTable(node);
    }

    @Test
    void aCleanStopLeavesNothingAndReleasesWhatItCouldNotSend() {
        OutboxNode node = node(quick().nodeExpiry(Duration.ofHours(1))
                        .drainLimit(Duration.ofMillis(200))
                        .build())
                .start();
        node.publish("k", "a");
        awaitEmptyTable(node);
        transport.down(true);
        node.publish("k", "b");
        node.close();
        node.publish("k", "c");
        transport.down(false);
        OutboxNode next = node(quick().nodeExpiry(Duration.ofHours(1)).build()).start();
        awaitEmptyTable(next);
        assertThat(transport.firstDeliveries("k")).containsExactly("a", "b", "c");
    }
}
