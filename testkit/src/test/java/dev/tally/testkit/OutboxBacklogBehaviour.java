package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Message;
import dev.tally.outbox.OutboxSettings;
import dev.tally.retry.Backoff;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A backlog that is many times what fits into memory. How many rows: {@code -Dtally.outbox.backlog.rows}, 20,000 by default.
 * Rates of large backlogs are measured by the benchmarks' workload {@code drain-tenths}.
 */
abstract class OutboxBacklogBehaviour {

    private static final long ROWS = Long.getLong("tally.outbox.backlog.rows", 20_000);
    private static final int KEYS = 100;
    private static final int MEMORY = 2_000;
    private static final Duration PATIENCE = Duration.ofMinutes(3).plusMillis(ROWS);

    private TestDatabase database;

    abstract TestDatabase createDatabase();

    @BeforeEach
    void openDatabase() {
        database = createDatabase();
    }

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    /** Confirms everything, and keeps times and the ids of one key only. */
    private static final class CountingTransport implements Transport {

        private final long backlog;
        private final List<String> ofOneKey = new ArrayList<>();
        private final long[] tenthsAt = new long[11];
        private boolean down = true;
        private long sent;
        private int tenth;

        CountingTransport(long backlog) {
            this.backlog = backlog;
        }

        synchronized void up() {
            down = false;
            tenthsAt[0] = System.nanoTime();
        }

        synchronized List<String> ofOneKey() {
            return List.copyOf(ofOneKey);
        }

        /** How fast the last tenth went, as a part of how fast the first did. */
        synchronized double lastToFirst() {
            return (double) (tenthsAt[1] - tenthsAt[0]) / (tenthsAt[10] - tenthsAt[9]);
        }

        @Override
        public synchronized List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return messages.stream()
                    .map(message -> CompletableFuture.completedFuture(confirm(message)))
                    .toList();
        }

        private SendOutcome confirm(Message message) {
            if (down) {
                return new SendOutcome.Failed(true, "the broker is down", null);
            }
            if (message.key() != null) {
                sent++;
                if (tenth < 10 && sent * 10 >= backlog * (tenth + 1)) {
                    tenth++;
                    tenthsAt[tenth] = System.nanoTime();
                }
            }
            if ("k0".equals(message.key())) {
                ofOneKey.add(message.id().value());
            }
            return new SendOutcome.Sent("counted");
        }

        @Override
        public String name() {
            return "counting";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.KEY_ORDER);
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            throw new TransportException("Cannot subscribe: this transport only counts");
        }

        @Override
        public void close() {}
    }

    private static OutboxSettings settings() {
        return OutboxSettings.builder()
                .heartbeat(Duration.ofMillis(200))
                .nodeExpiry(Duration.ofSeconds(5))
                .retry(new Backoff(Duration.ofMillis(20), Duration.ofMillis(500), 2, 0.5))
                .drainLimit(Duration.ofSeconds(20))
                .memoryEntries(MEMORY)
                .build();
    }

    /** Each round every row there is is written once more, behind all others. */
    private long multiply(JdbcTemplate jdbc) {
        long rows = KEYS;
        for (char round = 'a'; rows < ROWS; round++) {
            rows += jdbc.update(
                    "INSERT INTO tally_outbox (owner, state, message_id, topic, tag, msg_key, type, headers,"
                            + " payload, format) SELECT owner, state, CONCAT(message_id, '" + round
                            + "'), topic, tag, msg_key, type, headers, payload, format FROM tally_outbox ORDER BY id");
        }
        return rows;
    }

    @Scenario("messaging-12")
    @Test
    void aLargeBacklogDrainsAsFastAtItsEndAsAtItsStartWithinItsMemoryWhileTransactionsGoOn() throws Exception {
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        CountingTransport down = new CountingTransport(1);
        try (OutboxNode before = new OutboxNode(database, down, settings()).start()) {
            for (int key = 0; key < KEYS; key++) {
                before.publish("k" + key, "m" + key);
            }
        }
        long rows = multiply(jdbc);
        List<String> expected =
                jdbc.queryForList("SELECT message_id FROM tally_outbox WHERE msg_key = 'k0' ORDER BY id", String.class);

        CountingTransport transport = new CountingTransport(rows);
        transport.up();
        List<Integer> inMemory = new ArrayList<>();
        try (OutboxNode node = new OutboxNode(database, transport, settings()).start()) {
            List<Long> commits = new ArrayList<>();
            AtomicBoolean drained = new AtomicBoolean();
            CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> {
                for (int i = 0; !drained.get(); i++) {
                    long begin = System.nanoTime();
                    node.publish(null, "fresh-" + i);
                    commits.add(System.nanoTime() - begin);
                }
            });
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
                inMemory.add(node.relay().stats().pendingInMemory());
                return node.store().stats().pending() < 50
                        && transport.ofOneKey().size() >= expected.size();
            });
            drained.set(true);
            publishing.get(60, TimeUnit.SECONDS);

            assertThat(transport.ofOneKey()).containsExactlyElementsOf(expected);
            assertThat(inMemory).allMatch(entries -> entries <= MEMORY);
            // A busy machine makes any tenth slow; what gets slower with each row is far below.
            assertThat(transport.lastToFirst()).as("last tenth to first").isGreaterThan(0.2);
            long[] sorted = commits.stream().mapToLong(Long::longValue).sorted().toArray();
            assertThat(sorted.length).as("transactions while it drains").isPositive();
            assertThat(Duration.ofNanos(sorted[sorted.length / 2]))
                    .as("median of " + sorted.length + " transactions, at most "
                            + Duration.ofNanos(Arrays.stream(sorted).max().orElse(0)))
                    .isLessThan(Duration.ofSeconds(1));
        }
    }
}
