package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.message.Message;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOperationsStore;
import dev.tally.outbox.jdbc.JdbcProgressStore;
import dev.tally.outbox.operations.BulkRun;
import dev.tally.outbox.operations.OperationRefusedException;
import dev.tally.outbox.operations.OutboxInspection;
import dev.tally.outbox.operations.OutboxOperations;
import dev.tally.outbox.operations.OutboxProgress;
import dev.tally.outbox.operations.ParkedFilter;
import dev.tally.outbox.operations.ParkedRow;
import dev.tally.outbox.operations.PayloadCheck;
import dev.tally.outbox.operations.RowEdit;
import dev.tally.outbox.operations.WaitReason;
import dev.tally.outbox.operations.WhoAndWhy;
import dev.tally.retry.Backoff;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.SendOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;

/** What people do with an outbox whose nodes run, on a real database. */
abstract class OperatedOutboxBehaviour {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final WhoAndWhy ADA = new WhoAndWhy("ada", "seen by night");

    private final RecordingTransport transport = new RecordingTransport();
    private final List<OutboxNode> nodes = new ArrayList<>();
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private TestDatabase database;
    private OutboxInspection inspection;
    private OutboxOperations operations;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void open() {
        database = createDatabase();
        JdbcOperationsStore rows = JdbcOperationsStore.create(database.dataSource(), database.dialect());
        inspection = new OutboxInspection(
                rows,
                JdbcProgressStore.create(database.dataSource(), database.dialect()),
                quick().build().nodeExpiry());
        operations = new OutboxOperations(
                rows,
                new JdbcAuditLog(database.dataSource(), () -> UUID.randomUUID().toString()),
                new DataSourceTransactionManager(database.dataSource()),
                PayloadCheck.none(),
                scheduler);
    }

    @AfterEach
    void close() {
        scheduler.shutdownNow();
        nodes.forEach(OutboxNode::close);
        database.close();
    }

    private static OutboxSettings.Builder quick() {
        return OutboxSettings.builder()
                .heartbeat(Duration.ofMillis(200))
                .nodeExpiry(Duration.ofSeconds(3))
                .retry(new Backoff(Duration.ofMillis(20), Duration.ofMillis(500), 2, 0.5))
                .drainLimit(Duration.ofSeconds(1));
    }

    private OutboxNode node(OutboxSettings.Builder settings) {
        OutboxNode node = new OutboxNode(database, transport, settings.build());
        nodes.add(node);
        return node.start();
    }

    private void awaitEmptyTable(OutboxNode node) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(node.store().stats().pending()).isZero());
    }

    private void awaitParked(OutboxNode node, int rows) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(node.store().stats().parked()).isEqualTo(rows));
    }

    private List<Long> parkedIds() {
        return inspection.parked(ParkedFilter.all(), 0, 1000).rows().stream()
                .map(ParkedRow::id)
                .toList();
    }

    private static List<String> numbered(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
    }

    /** The policy by which the key goes on. */
    @Test
    @Scenario("messaging-8")
    void aPoisonMessageIsParkedAloneAndEditedResumedOrDiscardedWithWhoAndWhy() {
        transport.failing(message -> text(message).contains("poison")
                ? new SendOutcome.Failed(true, "java.io.IOException: the broker chokes", null)
                : null);
        // Poison is tried for longer than the others need, so that they would be seen to wait for it.
        OutboxNode node = node(quick().maxAttempts(5)
                .circuitFailures(1_000)
                .retry(new Backoff(Duration.ofMillis(400), Duration.ofMillis(400), 1, 0)));
        node.publish("k", "poison1", "after1");
        node.publish("k", "poison2");
        node.publish("k2", "poison3");
        for (int i = 0; i < 100; i++) {
            node.publish("other" + i % 5, "m" + i);
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(transport.sentIds()).containsAll(numbered("m", 100)));
        assertThat(inspection.parked(ParkedFilter.all(), 0, 10).rows())
                .as("the others do not wait for what is poisoned")
                .isEmpty();
        awaitParked(node, 3);
        await("its key goes on").atMost(SOON).untilAsserted(() -> assertThat(transport.firstDeliveries("k"))
                .containsExactly("after1"));
        List<ParkedRow> parked = inspection
                .parked(ParkedFilter.all().withReason("IOException").withTopic("orders"), 0, 10)
                .rows();
        assertThat(parked).extracting(ParkedRow::messageId).containsExactly("poison1", "poison2", "poison3");
        assertThat(parked).extracting(ParkedRow::attempts).containsOnly(5);
        long first = parked.get(0).id();
        long second = parked.get(1).id();
        long third = parked.get(2).id();

        assertThatThrownBy(() -> operations.resume(second, false, ADA))
                .isInstanceOf(OperationRefusedException.class)
                .hasMessageContaining("[" + first + "]");
        operations.edit(first, RowEdit.none().withPayload("healed".getBytes(StandardCharsets.UTF_8)), ADA);
        operations.resume(first, false, ADA);
        operations.discard(third, ADA);
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(transport.firstDeliveries("k")).containsExactly("after1", "poison1"));
        assertThat(transport.sent())
                .filteredOn(message -> message.id().value().equals("poison1"))
                .extracting(OperatedOutboxBehaviour::text)
                .containsExactly("healed");
        operations.resume(second, false, ADA);
        await("it is still poison, and is parked again").atMost(SOON).untilAsserted(() -> assertThat(parkedIds())
                .containsExactly(second));
        awaitEmptyTable(node);
        assertThatThrownBy(() -> operations.resume(third, false, ADA))
                .isInstanceOf(OperationRefusedException.class)
                .hasMessageContaining("no row with this id is parked");
        assertThat(new JdbcTemplate(database.dataSource())
                        .query(
                                "SELECT actor, action, subject, reason FROM tally_audit",
                                (row, number) -> row.getString(1) + " " + row.getString(2) + " " + row.getString(3)
                                        + " " + row.getString(4)))
                .containsExactlyInAnyOrder(
                        "ada edit-outbox-row outbox-row-" + first + " seen by night",
                        "ada resume-outbox-row outbox-row-" + first + " seen by night",
                        "ada resume-outbox-row outbox-row-" + second + " seen by night",
                        "ada discard-outbox-row outbox-row-" + third + " seen by night");
        assertThat(transport.sentIds()).doesNotContain("poison2", "poison3").doesNotHaveDuplicates();
    }

    private static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    @Test
    void whatIsResumedTogetherGoesOutInTheOrderOfItsKeyWhicheverNodeHasIt() {
        transport.failing(message -> new SendOutcome.Failed(false, "refused", null));
        OutboxNode one = node(quick().lanes(8));
        OutboxNode other = node(quick().lanes(8));
        for (int i = 0; i < 60; i++) {
            (i % 2 == 0 ? one : other).publish("k" + i % 3, "m" + i);
        }
        awaitParked(one, 60);
        transport.failing(message -> null);
        one.publish("k0", "fresh");
        BulkRun run = operations.resumeAll(ParkedFilter.all(), 60L, 200, false, ADA);
        await().atMost(SOON).until(() -> run.state().status() == BulkRun.Status.DONE);
        awaitEmptyTable(one);
        assertThat(transport.sentIds()).hasSize(61).doesNotHaveDuplicates();
        for (int key = 0; key < 3; key++) {
            assertThat(transport.firstDeliveries("k" + key).stream()
                            .filter(id -> !id.equals("fresh"))
                            .toList())
                    .isSortedAccordingTo(OutboxRelayBehaviour::byNumber)
                    .hasSize(20);
        }
    }

    @Test
    void whileItIsPausedNothingIsSentPublishingGoesOnAndAllOfItGoesOutAfterwards() {
        OutboxNode one = node(quick().memoryEntries(20).readBatch(8));
        one.publish("k0", "m0");
        awaitEmptyTable(one);
        operations.pause(ADA);
        // What is published at once may still go out: the node learns of the pause by its next heartbeat.
        AtomicInteger tries = new AtomicInteger();
        await().atMost(SOON).until(() -> {
            int before = transport.attempts();
            one.publish(null, "try" + tries.incrementAndGet());
            awaitBeat(one);
            return transport.attempts() == before;
        });
        int sentBefore = transport.attempts();
        OutboxNode late = node(quick().memoryEntries(20).readBatch(8));
        for (int i = 1; i < 150; i++) {
            (i % 3 == 0 ? late : one).publish("k" + i % 5, "m" + i);
            one.publish(null, "u" + i);
        }
        assertThat(one.relay().stats().pendingInMemory()).isLessThanOrEqualTo(20);
        assertThat(late.relay().stats().pendingInMemory()).isLessThanOrEqualTo(20);
        awaitBeat(late);
        awaitBeat(one);
        assertThat(transport.attempts()).isEqualTo(sentBefore);
        assertThat(inspection.progress().oldest().keySet()).isEqualTo(Set.of(WaitReason.PAUSED));

        operations.unpause(ADA);

        awaitEmptyTable(one);
        assertThat(transport.sentIds())
                .containsAll(numbered("m", 150))
                .containsAll(numbered("u", 150).subList(1, 150))
                .doesNotHaveDuplicates();
        for (int key = 0; key < 5; key++) {
            assertThat(transport.firstDeliveries("k" + key)).isSortedAccordingTo(OutboxRelayBehaviour::byNumber);
        }
    }

    /** Waits until every node that is alive has written two more heartbeats. */
    private void awaitBeat(OutboxNode node) {
        for (int beat = 0; beat < 2; beat++) {
            var before = heartbeats(node);
            await().atMost(SOON).until(() -> heartbeats(node).values().stream()
                    .noneMatch(heartbeat -> before.containsValue(heartbeat)));
        }
    }

    private static Map<String, Object> heartbeats(OutboxNode node) {
        Map<String, Object> found = new HashMap<>();
        node.store().owners(quick().build().nodeExpiry()).stream()
                .filter(owner -> owner.owner().equals(owner.keeper()) && !owner.orphaned())
                .forEach(owner -> found.put(owner.owner(), owner.keeperHeartbeat()));
        return found;
    }

    @Test
    void tellsWhyMessagesWait() {
        transport.failing(
                message -> message.key() != null ? new SendOutcome.Failed(true, "this key fails", null) : null);
        OutboxNode node = node(quick().circuitFailures(20).maxAttempts(10_000));
        node.publish("k", "poison", "behind");
        await().atMost(SOON).untilAsserted(() -> assertThat(reasons()).isEqualTo(Set.of(WaitReason.POISONED)));
        transport.down(true);
        for (int i = 0; i < 30; i++) {
            node.publish(null, "u" + i);
        }
        await().atMost(SOON).untilAsserted(() -> assertThat(reasons()).isEqualTo(Set.of(WaitReason.TRANSPORT_DOWN)));
        assertThat(inspection.progress().nodes())
                .anySatisfy(state -> assertThat(state.circuitOpen()).isTrue());
        node.kill();
        await().atMost(SOON).untilAsserted(() -> assertThat(reasons()).isEqualTo(Set.of(WaitReason.NO_OWNER)));
        transport.down(false);
        transport.failing(message -> null);
        OutboxNode next = node(quick());
        awaitEmptyTable(next);
        assertThat(reasons()).isEmpty();
    }

    private Set<WaitReason> reasons() {
        OutboxProgress progress = inspection.progress();
        return progress.oldest().keySet();
    }
}
