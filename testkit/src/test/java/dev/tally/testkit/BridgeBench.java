package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.bridge.BridgeListener;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeMode;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.BridgeSettings;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.bridge.Peer;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.publish.PublishingPath;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.IsolationLevelDataSourceAdapter;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** A database with Tally's tables, bridges to its outbox, and a relay behind it. */
final class BridgeBench implements AutoCloseable {

    static final Duration QUIET = Duration.ofMinutes(5);

    private static final Set<BridgeState> AT_REST = EnumSet.complementOf(EnumSet.of(BridgeState.DRAINING));
    private static final int MOST_STEPS = 5_000;

    final TestDatabase database;
    final JdbcTemplate jdbc;
    final DataSourceTransactionManager transactionManager;
    final TransactionTemplate transactions;
    final RecordingTransport transport = new RecordingTransport();
    final List<BridgeProgress> reports = new ArrayList<>();
    private final OutboxNode node;

    /** How far the bridges' clock is ahead of the one that the others write by. */
    private volatile Duration ahead = Duration.ofHours(1);

    BridgeBench(TestDatabase database) {
        this.database = database;
        this.jdbc = new JdbcTemplate(database.dataSource());
        this.transactionManager = new DataSourceTransactionManager(database.dataSource());
        this.transactions = new TransactionTemplate(transactionManager);
        this.node = new OutboxNode(
                database,
                transport,
                OutboxSettings.builder()
                        .heartbeat(Duration.ofMillis(200))
                        .nodeExpiry(Duration.ofHours(1))
                        .build());
    }

    DataSource dataSource() {
        return database.dataSource();
    }

    /** The same database through connections that see what is not committed. */
    DataSource dirtyDataSource() {
        IsolationLevelDataSourceAdapter dirty = new IsolationLevelDataSourceAdapter();
        dirty.setTargetDataSource(dataSource());
        dirty.setIsolationLevel(TransactionDefinition.ISOLATION_READ_UNCOMMITTED);
        return dirty;
    }

    /** A node that stores through {@code dataSource}, and sends nothing. */
    OutboxNode node(DataSource dataSource) {
        return new OutboxNode(
                dataSource,
                JdbcOutboxStore.create(dataSource, database.dialect()),
                transport,
                OutboxSettings.builder().build(),
                clock(),
                new OutboxListener() {});
    }

    PublishingPath path() {
        return node.path();
    }

    InstantSource clock() {
        return () -> Instant.now().plus(ahead);
    }

    void clockIsAhead(Duration ahead) {
        this.ahead = ahead;
    }

    static BridgeSettings settings() {
        return settings(BridgeMode.DRAIN, 3);
    }

    static BridgeSettings settings(BridgeMode mode, int batchRows) {
        return new BridgeSettings(mode, batchRows, 0, QUIET, Duration.ofMillis(1), Duration.ofHours(10));
    }

    OutboxBridge bridge(Peer peer, BridgeMapping mapping) {
        return bridge(peer, mapping, settings(), path());
    }

    OutboxBridge bridge(Peer peer, BridgeMapping mapping, BridgeSettings settings, PublishingPath path) {
        return OutboxBridge.over(peer, dataSource(), database.dialect(), transactionManager, path, mapping, clock())
                .settings(settings)
                .listener(new BridgeListener() {
                    @Override
                    public void finished(BridgeProgress report) {
                        reports.add(report);
                    }
                })
                .build();
    }

    /** One whole round. */
    static BridgeProgress round(OutboxBridge bridge) {
        for (int i = 0; i < MOST_STEPS; i++) {
            bridge.step();
            BridgeProgress progress = bridge.progress();
            if (AT_REST.contains(progress.state())) {
                return progress;
            }
        }
        throw new AssertionError("not at rest after " + MOST_STEPS + " steps: " + bridge.progress());
    }

    /** The messages in Tally's outbox, in the order of their ids, as their payloads. */
    List<String> stored() {
        return jdbc.query(
                "SELECT payload FROM tally_outbox ORDER BY id",
                (row, number) -> new String(row.getBytes(1), StandardCharsets.UTF_8));
    }

    List<String> storedIds() {
        return jdbc.queryForList("SELECT message_id FROM tally_outbox ORDER BY id", String.class);
    }

    /** What Tally delivers of what is in its outbox. */
    List<Message> delivered() {
        node.start();
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(node.store().stats().pending()).isZero());
        return transport.sent();
    }

    static List<String> payloads(List<Message> messages) {
        return messages.stream()
                .map(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Everything in a table, to see that nobody changed it. */
    List<Map<String, Object>> contents(String table) {
        return jdbc.queryForList("SELECT * FROM " + table + " ORDER BY id");
    }

    @Override
    public void close() {
        node.close();
        database.close();
    }
}
