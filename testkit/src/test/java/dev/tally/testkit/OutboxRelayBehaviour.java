package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.OutboxLanesException;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.retry.Backoff;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

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
        JdbcOperationsStore people = JdbcOperationsStore.create(database.dataSource(), database.dialect());
        assertThat(people.giveBack(parked.get(0).id(), parked.get(0).message().key()))
                .isTrue();
        assertThat(people.discard(parked.get(1).id())).isTrue();
        assertThat(people.giveBack(parked.get(1).id(), null)).isFalse();
        await().atMost(SOON).untilAsserted(() -> assertThat(transport.sentIds()).containsExactly("b", "poison1"));
        awaitEmptyTable(node);
    }

    @Test
    @Scenario("messaging-7")
    void nodesThatComeAndGoKeepTheOrderOfKeysThatAllOfThemPublish() {
        OutboxSettings settings = quick().lanes(8).build();
        List<OutboxNode> alive = new ArrayList<>(List.of(node(settings).start()));
        int messages = 0;
        for (int round = 0; round < 6; round++) {
            for (int i = 0; i < 30; i++) {
                alive.get(i % alive.size()).publish("k" + messages % 4, "m" + messages);
                messages++;
            }
            if (round % 2 == 0) {
                alive.add(node(settings).start());
            } else {
                alive.remove(0).kill();
            }
        }
        awaitEmptyTable(alive.get(0));
        assertThat(transport.sentIds()).containsAll(numbered(messages));
        for (int key = 0; key < 4; key++) {
            assertThat(transport.firstDeliveries("k" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        }
    }

    private static List<String> numbered(int count) {
        return IntStream.range(0, count).mapToObj(number -> "m" + number).toList();
    }

    @Test
    @Scenario("messaging-9")
    void clocksAnHourApartNeitherTakeOverTheLivingNorHoldUpWhatTheDeadLeft() {
        OutboxSettings settings = quick().lanes(8).build();
        List<String> takenOver = new CopyOnWriteArrayList<>();
        OutboxNode late = shifted(Duration.ofHours(-1), settings, takenOver).start();
        OutboxNode early = shifted(Duration.ofHours(1), settings, takenOver).start();
        for (int i = 0; i < 40; i++) {
            (i % 2 == 0 ? late : early).publish("k" + i % 3, "m" + i);
        }
        awaitEmptyTable(early);
        assertThat(takenOver).as("nodes taken for dead").isEmpty();
        transport.down(true);
        late.publish("k0", "m40");
        late.publish(null, "m41");
        late.kill();
        transport.down(false);
        awaitEmptyTable(early);
        assertThat(takenOver).as("nodes taken for dead").hasSize(1);
        assertThat(transport.firstDeliveries("k0")).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        assertThat(transport.sentIds()).containsAll(numbered(42));
    }

    private OutboxNode shifted(Duration shift, OutboxSettings settings, List<String> takenOver) {
        InstantSource clock = () -> InstantSource.system().instant().plus(shift);
        OutboxNode node = new OutboxNode(
                database.dataSource(),
                JdbcOutboxStore.create(database.dataSource(), database.dialect()),
                transport,
                settings,
                clock,
                new OutboxListener() {
                    @Override
                    public void takenOver(String fromNode) {
                        takenOver.add(fromNode);
                    }
                });
        nodes.add(node);
        return node;
    }

    /** What a node that is alone costs: an insert for each transaction, and one statement that removes many. */
    @Test
    void aNodeThatIsAloneReadsNothing() {
        RecordedStatements recorded = new RecordedStatements(database.dataSource());
        OutboxNode node = new OutboxNode(
                        recorded,
                        JdbcOutboxStore.create(recorded, database.dialect()),
                        transport,
                        quick().heartbeat(Duration.ofHours(1))
                                .nodeExpiry(Duration.ofHours(5))
                                .completeLinger(Duration.ofMillis(300))
                                .build(),
                        InstantSource.system(),
                        new OutboxListener() {})
                .start();
        nodes.add(node);
        JdbcOutboxStore watch = JdbcOutboxStore.create(database.dataSource(), database.dialect());
        AtomicInteger tries = new AtomicInteger();
        await("the node knows that it is alone").atMost(SOON).until(() -> {
            recorded.clear();
            node.publish("k", "try" + tries.incrementAndGet());
            await().atMost(SOON).until(() -> watch.stats().pending() == 0);
            return recorded.statements().stream().noneMatch(sql -> sql.startsWith("SELECT"));
        });
        recorded.clear();
        for (int i = 0; i < 50; i++) {
            node.publish("k" + i, "m" + i);
        }
        await().atMost(SOON).until(() -> watch.stats().pending() == 0);
        assertThat(recorded.statements())
                .filteredOn(sql -> sql.startsWith("INSERT"))
                .hasSize(50);
        assertThat(recorded.statements())
                .filteredOn(sql -> !sql.startsWith("INSERT"))
                .allMatch(sql -> sql.startsWith("DELETE"))
                .hasSizeLessThan(25);
        assertThat(transport.sentIds()).containsAll(numbered(50));
    }

    @Test
    void aNodeWithAnotherNumberOfLanesDoesNotStart() {
        OutboxNode first = node(quick().lanes(8).build()).start();
        first.publish("k", "a");
        OutboxNode other = node(quick().lanes(9).build());
        assertThatThrownBy(other::start).isInstanceOf(OutboxLanesException.class);
        awaitEmptyTable(first);
    }

    /** The version before wrote rows with keys under its own name, and knows no lanes. */
    @Test
    @Scenario("messaging-13")
    void aNodeOfTheVersionBeforeAndANewOneShareTheTable() {
        OutboxNodeOfBefore old = new OutboxNodeOfBefore(database, transport, "old");
        old.register();
        old.insert("k", "a1");
        old.insert("k", "a2");
        OutboxNode fresh = node(quick().lanes(8).build()).start();
        fresh.publish("k", "n1");
        fresh.publish(null, "n2");
        await().atMost(SOON).untilAsserted(() -> {
            old.heartbeat();
            assertThat(transport.sentIds()).containsExactlyInAnyOrder("n1", "n2");
        });
        old.sendOwn();
        assertThat(transport.firstDeliveries("k"))
                .as("nobody but the old node sends what it keeps, in its order")
                .containsExactly("n1", "a1", "a2");
        old.insert("k2", "a3");
        old.insert("k2", "a4");
        awaitEmptyTable(fresh);
        assertThat(transport.firstDeliveries("k2"))
                .as("the old node is dead, the new one sends what it left")
                .containsExactly("a3", "a4");
    }

    @Test
    @Scenario("messaging-13")
    void aNodeOfTheVersionBeforeTakesOverTheLanesOfADeadNodeAndLosesThemAgain() {
        OutboxNodeOfBefore old = new OutboxNodeOfBefore(database, transport, "old");
        old.register();
        transport.down(true);
        OutboxNode dead = node(quick().lanes(8).build()).start();
        for (int i = 0; i < 6; i++) {
            dead.publish("k" + i % 2, "m" + i);
        }
        awaitLanesKept(8);
        dead.kill();
        transport.down(false);
        await().atMost(SOON).untilAsserted(() -> {
            old.heartbeat();
            assertThat(old.adoptAndSend()).isEqualTo(6);
        });
        assertThat(transport.firstDeliveries("k0")).containsExactly("m0", "m2", "m4");
        assertThat(transport.firstDeliveries("k1")).containsExactly("m1", "m3", "m5");
        OutboxNode next = node(quick().lanes(8).build()).start();
        next.publish("k0", "m6");
        await().atMost(SOON).untilAsserted(() -> assertThat(transport.firstDeliveries("k0"))
                .as("while the old node keeps the lanes, or when it is dead")
                .containsExactly("m0", "m2", "m4", "m6"));
    }

    /** A node lists its lanes one after the other, and publishes already. */
    private void awaitLanesKept(int lanes) {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        await().atMost(SOON).until(() -> Integer.valueOf(lanes)
                .equals(jdbc.queryForObject(
                        "SELECT COUNT(*) FROM tally_outbox_node WHERE node_id LIKE '#%'", Integer.class)));
    }

    /** What is left of the version before goes first: it is older than what is in the lanes. */
    @Test
    @Scenario("messaging-13")
    void whatADeadNodeOfTheVersionBeforeLeftGoesBeforeWhatIsInTheLanes() {
        OutboxNodeOfBefore old = new OutboxNodeOfBefore(database, transport, "old");
        old.register();
        for (int i = 0; i < 30; i++) {
            old.insert("k" + i % 3, "m" + i);
        }
        OutboxNode waiting = node(quick().lanes(8).build());
        for (int i = 30; i < 60; i++) {
            waiting.publish("k" + i % 3, "m" + i);
        }
        waiting.start();
        awaitEmptyTable(waiting);
        for (int key = 0; key < 3; key++) {
            assertThat(transport.firstDeliveries("k" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        }
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
