package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.PoisonPolicy;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How the relay sends what cannot be sent, or not yet, on a real database. */
abstract class OutboxFailureBehaviour {

    private static final Duration SOON = Duration.ofSeconds(90);

    private final RecordingTransport transport = new RecordingTransport();
    private final List<OutboxNode> nodes = new ArrayList<>();
    private TestDatabase database;
    private JdbcOperationsStore people;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void openDatabase() {
        database = createDatabase();
        people = JdbcOperationsStore.create(database.dataSource(), database.dialect());
    }

    @AfterEach
    void closeEverything() {
        nodes.forEach(OutboxNode::close);
        database.close();
    }

    private static OutboxSettings.Builder quick() {
        return OutboxRelayBehaviour.quick().drainLimit(Duration.ofMillis(200));
    }

    private OutboxNode node(OutboxSettings.Builder settings) {
        return node(settings, new OutboxListener() {}, InstantSource.system());
    }

    private OutboxNode node(OutboxSettings.Builder settings, OutboxListener listener, InstantSource clock) {
        OutboxNode node = new OutboxNode(
                database.dataSource(),
                JdbcOutboxStore.create(database.dataSource(), database.dialect()),
                transport,
                settings.build(),
                clock,
                listener);
        nodes.add(node);
        return node.start();
    }

    private void awaitSent(OutboxNode node, int messages) {
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(sentIds()).hasSize(messages);
            assertThat(node.store().stats().pending()).isZero();
        });
    }

    /** Alone, a node sends from memory: then the copy of a message is there before anything could be read. */
    private void awaitAlone(OutboxNode node) {
        AtomicInteger tries = new AtomicInteger();
        await("the node knows that it is alone").atMost(SOON).until(() -> {
            int before = node.relay().stats().pendingInMemory();
            node.transactions().executeWithoutResult(status -> {
                node.prepareNow(OutboxNode.messages("warm" + tries.incrementAndGet(), "warm" + tries.get()));
                tries.addAndGet(node.relay().stats().pendingInMemory() > before ? 1_000_000 : 0);
                status.setRollbackOnly();
            });
            return tries.get() > 1_000_000;
        });
        // What it sends first waits for its last read of the table: then it knows all.
        node.publish("last", "warm");
        await().atMost(SOON).until(() -> node.store().stats().pending() == 0);
    }

    private List<String> sentIds() {
        return transport.sentIds().stream()
                .filter(id -> !id.startsWith("warm"))
                .distinct()
                .toList();
    }

    @Test
    @Scenario("messaging-4")
    void anOutageIsNotNoticedByTransactionsAndItsBacklogDrainsAtItsRateWhileFreshMessagesAreSentAtOnce() {
        OutboxNode node = node(quick().memoryEntries(60).readBatch(20).drainRate(40));
        awaitAlone(node);
        transport.down(true);
        int most = 0;
        for (int i = 0; i < 400; i++) {
            node.publish(i % 2 == 0 ? "old" + i % 14 : null, "m" + i);
            most = Math.max(most, node.relay().stats().pendingInMemory());
        }
        assertThat(most).as("in memory").isLessThanOrEqualTo(60);
        await().atMost(SOON).until(() -> !node.relay().stats().brokerReachable());
        transport.down(false);
        await().atMost(SOON).until(() -> node.relay().stats().brokerReachable());
        Instant from = Instant.now();
        int drainedBefore = backlogSent();
        // No more than the quarter of the memory that is theirs, however slowly the database completes them.
        for (int i = 0; i < 6; i++) {
            node.publish(null, "u" + i);
            node.publish("new" + i, "k" + i);
        }
        await().atMost(SOON).until(() -> transport.sentIds().containsAll(List.of("u5", "k5", "u0", "k0")));
        assertThat(backlogSent())
                .as("of the backlog, when fresh messages have long been sent")
                .isLessThan(300);
        awaitSent(node, 412);
        Duration took = Duration.between(from, Instant.now());
        assertThat((400 - drainedBefore) * 1000L / 40)
                .as("milliseconds at 40/s")
                .isLessThan(took.toMillis() + 500);
        assertThat(transport.sentIds()).doesNotHaveDuplicates();
        for (int key = 0; key < 14; key += 2) {
            assertThat(transport.firstDeliveries("old" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        }
    }

    private int backlogSent() {
        return (int)
                transport.sentIds().stream().filter(id -> id.startsWith("m")).count();
    }

    @Test
    @Scenario("messaging-5")
    void aSlowBrokerHasABoundedNumberOfMessagesInFlightAndIsNotNoticedByTransactions() {
        AtomicInteger answered = new AtomicInteger();
        OutboxNode node = node(
                quick().maxInFlight(10).memoryEntries(40).readBatch(20),
                new OutboxListener() {
                    @Override
                    public void sent(OutboxEntry entry) {
                        answered.incrementAndGet();
                    }
                },
                InstantSource.system());
        awaitAlone(node);
        transport.latency(Duration.ofSeconds(1));
        answered.set(0);
        int threads = relayThreads();
        for (int i = 0; i < 100; i++) {
            node.publish(i % 2 == 0 ? "k" + i : null, "m" + i);
        }
        assertThat(answered.get())
                .as("confirmed before all transactions have ended: they did not wait")
                .isLessThan(100);
        await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> {
            // Lanes and rows without a key are read at the same time, each up to half of the memory.
            assertThat(node.relay().stats().pendingInMemory()).isLessThanOrEqualTo(40);
            return answered.get() == 100;
        });
        assertThat(transport.mostUnanswered()).as("in flight").isBetween(5, 10);
        assertThat(relayThreads()).as("threads").isLessThanOrEqualTo(Math.max(threads, 5));
        awaitSent(node, 100);
    }

    private static int relayThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("relay"))
                .count();
    }

    @Test
    @Scenario("messaging-8")
    void behindAPoisonMessageItsKeyWaitsAcrossARestartUntilAPersonDecides() {
        transport.failing(message ->
                message.id().value().startsWith("poison") ? new SendOutcome.Failed(false, "refused", null) : null);
        OutboxSettings.Builder blocking =
                quick().poisonPolicy(PoisonPolicy.BLOCK).memoryEntries(20).readBatch(8);
        OutboxNode first = node(blocking);
        first.publish("k", "0", "poison", "1");
        for (int i = 2; i < 40; i++) {
            first.publish("k", "" + i);
            first.publish("other" + i % 3, "o" + i);
        }
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(first.store().parked(0, 10)).hasSize(1);
            assertThat(sentIds()).hasSize(39);
        });
        first.kill();
        OutboxNode next = node(blocking);
        next.publish("k", "40");
        next.publish("other0", "o40");
        await().atMost(SOON).untilAsserted(() -> assertThat(sentIds()).hasSize(40));
        assertThat(transport.firstDeliveries("k")).containsExactly("0");
        await("what is confirmed is removed a moment later")
                .atMost(SOON)
                .untilAsserted(() -> assertThat(next.store().stats().pending()).isEqualTo(40));
        await("not in memory").atMost(SOON).until(() -> next.relay().stats().pendingInMemory() == 0);
        transport.failing(message -> null);
        assertThat(people.giveBack(next.store().parked(0, 1).get(0).id(), "k")).isTrue();
        next.publish("k", "41");
        awaitSent(next, 40 + 43 - 1);
        List<String> expected = new ArrayList<>(List.of("0", "poison"));
        IntStream.rangeClosed(1, 41).forEach(i -> expected.add("" + i));
        assertThat(transport.firstDeliveries("k")).containsExactlyElementsOf(expected);
        await("the mark goes at a heartbeat")
                .atMost(SOON)
                .untilAsserted(() -> assertThat(next.store().blockedKeys()).isEmpty());
    }

    @Test
    void behindADiscardedMessageItsKeyGoesOn() {
        transport.failing(message ->
                message.id().value().equals("poison") ? new SendOutcome.Failed(false, "refused", null) : null);
        OutboxNode node = node(quick().poisonPolicyByTopic(Map.of("orders", PoisonPolicy.BLOCK)));
        node.publish("k", "poison", "1");
        node.publish("k", "2");
        await().atMost(SOON).until(() -> node.store().stats().parked() == 1);
        assertThat(transport.sentIds()).isEmpty();
        assertThat(people.discard(node.store().parked(0, 1).get(0).id())).isTrue();
        awaitSent(node, 2);
        assertThat(transport.firstDeliveries("k")).containsExactly("1", "2");
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(node.store().blockedKeys()).isEmpty());
    }

    /** Two nodes whose clocks are an hour apart, on a transport that cannot keep messages back; one of them dies. */
    @Test
    void scheduledMessagesAreSentAtTheirTimeByTheDatabasesClockAndOnceWhoeverDies() {
        Map<String, Long> sentAt = new ConcurrentHashMap<>();
        OutboxListener listener = new OutboxListener() {
            @Override
            public void sent(OutboxEntry entry) {
                sentAt.put(entry.message().id().value(), System.nanoTime());
            }
        };
        OutboxNode late = node(quick(), listener, shifted(Duration.ofHours(-1)));
        OutboxNode early = node(quick(), listener, shifted(Duration.ofHours(1)));
        Map<String, Long> publishedAt = new ConcurrentHashMap<>();
        for (int i = 0; i < 20; i++) {
            OutboxNode node = i % 2 == 0 ? late : early;
            Message message = delayed(i % 3 == 0 ? "k" : null, "s" + i, Duration.ofSeconds(4));
            publishedAt.put("s" + i, System.nanoTime());
            node.transactions().executeWithoutResult(status -> node.prepareAtCommit(List.of(message)));
        }
        early.publish("k", "now");
        await().atMost(SOON).untilAsserted(() -> {
            assertThat(transport.sentIds()).contains("now");
            assertThat(early.store().stats().pending()).isZero();
        });
        late.kill();
        awaitSent(early, 21);
        assertThat(transport.sentIds()).doesNotHaveDuplicates();
        publishedAt.forEach((id, at) -> assertThat(Duration.ofNanos(sentAt.get(id) - at))
                .as("delay of %s", id)
                .isGreaterThanOrEqualTo(Duration.ofMillis(3900)));
        assertThat(transport.sent())
                .as("it is due by the database's clock, the broker's may be behind")
                .allMatch(message -> message.headers().get(Headers.DELIVER_AT) == null);
        assertThat(early.store().stats().scheduled()).isZero();
    }

    private static InstantSource shifted(Duration shift) {
        return () -> InstantSource.system().instant().plus(shift);
    }

    private static Message delayed(String key, String id, Duration delay) {
        Headers headers = Headers.empty()
                .with(Headers.DELAY, Long.toString(delay.toMillis()))
                .with(
                        Headers.DELIVER_AT,
                        Long.toString(Instant.now().plus(delay).toEpochMilli()));
        return new Message(
                new MessageId(id), Destination.topic("orders"), key, "order-placed", headers, new byte[] {1});
    }
}
