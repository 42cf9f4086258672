package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.jdbc.Dialect;
import dev.tally.message.Message;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeMode;
import dev.tally.outbox.bridge.BridgePreview;
import dev.tally.outbox.bridge.BridgeProgress;
import dev.tally.outbox.bridge.BridgeRefusedException;
import dev.tally.outbox.bridge.BridgeSettings;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.bridge.RecordedCall;
import dev.tally.publish.PublishingPath;
import dev.tally.publish.Settlement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What bridges do whatever the other outbox is. */
abstract class BridgeBehaviour extends OnBridgeBench {

    RecordedCalls calls;

    @BeforeEach
    void open() {
        calls = new RecordedCalls(bench.jdbc);
        calls.createTables();
    }

    private OutboxBridge bridge() {
        return bench.bridge(RecordedCalls.PEER, calls.mapping);
    }

    private long decided() {
        Long count = bench.jdbc.queryForObject("SELECT COUNT(*) FROM tally_outbox_bridge_row", Long.class);
        return count == null ? 0 : count;
    }

    @Test
    void severalProcessesTakeEachRowOnceAndInOrder() throws Exception {
        int rows = 300;
        List<String> ids = new ArrayList<>();
        bench.transactions.executeWithoutResult(status -> {
            for (int i = 0; i < rows; i++) {
                ids.add("transaction-outbox:" + calls.add("t" + i % 5, 1000 + i, "t" + i % 5 + "-" + (1000 + i)));
            }
        });
        int processes = 3;
        ExecutorService threads = Executors.newFixedThreadPool(processes);
        try {
            List<Future<BridgeState>> ends = new ArrayList<>();
            for (int i = 0; i < processes; i++) {
                OutboxBridge bridge = bridge();
                ends.add(threads.submit(() -> {
                    BridgeProgress progress = BridgeBench.round(bridge);
                    while (!progress.isDrained() && !Thread.currentThread().isInterrupted()) {
                        progress = BridgeBench.round(bridge);
                    }
                    return progress.state();
                }));
            }
            for (Future<BridgeState> end : ends) {
                assertThat(end.get(10, TimeUnit.MINUTES)).isNotEqualTo(BridgeState.FAILED);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(bench.storedIds()).containsExactlyInAnyOrderElementsOf(ids);
        for (int i = 0; i < 5; i++) {
            String topic = "t" + i;
            assertThat(bench.stored().stream().filter(p -> p.startsWith(topic)).toList())
                    .hasSize(rows / 5)
                    .isSorted();
        }
    }

    @Test
    void whatIsRolledBackIsNeitherStoredNorRemembered() {
        for (int i = 0; i < 7; i++) {
            calls.add("t", i, "o" + i);
        }
        PublishingPath dies = new PublishingPath() {
            private int calls;

            @Override
            public Settlement prepare(List<Message> messages) {
                Settlement settlement = bench.path().prepare(messages);
                calls++;
                if (calls == 2) {
                    throw new AssertionError("the process dies here");
                }
                return settlement;
            }
        };
        OutboxBridge dying = bench.bridge(RecordedCalls.PEER, calls.mapping, BridgeBench.settings(), dies);
        dying.step();
        assertThatThrownBy(dying::step).hasMessage("the process dies here");
        assertThat(bench.stored()).containsExactly("o0", "o1", "o2");
        assertThat(decided()).isEqualTo(3);
        assertThat(BridgeBench.round(bridge()).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).containsExactly("o0", "o1", "o2", "o3", "o4", "o5", "o6");
    }

    /** Whatever is committed when: what is stored is noted with it, and what is noted is stored. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void takesEachRowOnceWhicheverCommitIsTheLast(boolean afterIt) {
        List<String> orders = new ArrayList<>();
        for (int last = 1; last <= 3; last++) {
            for (int i = 0; i < 7; i++) {
                orders.add("o" + last + i);
                calls.add("t", 10L * last + i, "o" + last + i);
            }
            StoppingCommits stopping = new StoppingCommits(bench.dataSource(), last, afterIt, () -> {
                throw new AssertionError("the process dies here");
            });
            OutboxBridge dying = OutboxBridge.over(
                            RecordedCalls.PEER,
                            bench.dataSource(),
                            bench.database.dialect(),
                            stopping,
                            bench.path(),
                            calls.mapping,
                            bench.clock())
                    .settings(BridgeBench.settings())
                    .build();
            assertThatThrownBy(() -> BridgeBench.round(dying)).hasMessage("the process dies here");
            assertThat(decided()).isEqualTo(bench.stored().size());
            assertThat(BridgeBench.round(bridge()).state()).isEqualTo(BridgeState.DRAINED);
            assertThat(bench.stored()).containsExactlyElementsOf(orders);
        }
    }

    /** A pool may be set up to show what is not committed: the rows are planned then, and still not taken. */
    @Test
    void takesNoRowOfATransactionThatHasNotCommitted() throws Exception {
        calls.add("t", 1, "committed");
        DataSource dirty = bench.dirtyDataSource();
        try (OutboxNode node = bench.node(dirty)) {
            OutboxBridge bridge = OutboxBridge.over(
                            RecordedCalls.PEER,
                            dirty,
                            bench.database.dialect(),
                            new DataSourceTransactionManager(dirty),
                            node.path(),
                            calls.mapping,
                            bench.clock())
                    .settings(BridgeBench.settings())
                    .build();
            ExecutorService thread = Executors.newSingleThreadExecutor();
            try {
                bench.transactions.executeWithoutResult(status -> {
                    calls.add("t", 0, "never");
                    status.setRollbackOnly();
                    Future<BridgeProgress> round = thread.submit(() -> BridgeBench.round(bridge));
                    assertThat(round).succeedsWithin(Duration.ofMinutes(2));
                });
            } finally {
                thread.shutdownNow();
            }
            BridgeBench.round(bridge);
            assertThat(bench.stored()).containsExactly("committed");
            assertThat(bridge.progress().taken()).isEqualTo(1);
        }
    }

    /** Its notes would be committed apart from its messages. */
    @Test
    void refusesTransactionsThatAreOnAnotherDataSource() {
        DataSource other = new DriverManagerDataSource("jdbc:h2:mem:other");
        OutboxBridge.Builder builder = OutboxBridge.over(
                RecordedCalls.PEER,
                bench.dataSource(),
                bench.database.dialect(),
                new DataSourceTransactionManager(other),
                bench.path(),
                calls.mapping,
                bench.clock());
        assertThatThrownBy(builder::build)
                .isInstanceOf(BridgeRefusedException.class)
                .hasMessageContaining("the transaction manager of that data source");
    }

    @Test
    void tellsWhatWouldBecomeOfTheRowsAndTakesNone() {
        for (int i = 0; i < 5; i++) {
            calls.add("t", i, "o" + i);
        }
        BridgeMapping some = row -> switch (RecordedCall.of(row).argument(0).asString()) {
            case "o1" -> BridgeMapping.drop("not needed");
            case "o2" -> BridgeMapping.leave("not understood");
            case "o3" -> throw new IllegalStateException("the mapping is wrong");
            default -> calls.mapping.map(row);
        };
        OutboxBridge watching =
                bench.bridge(RecordedCalls.PEER, some, BridgeBench.settings(BridgeMode.WATCH, 2), bench.path());
        BridgePreview preview = watching.preview(100);
        assertThat(preview.rows()).isEqualTo(5);
        assertThat(preview.deliver()).containsExactly(Map.entry("orders/OrderPlaced", 2L));
        assertThat(preview.drop()).containsExactly(Map.entry("not needed", 1L));
        assertThat(preview.leave())
                .containsOnly(
                        Map.entry("not understood", 1L), Map.entry("IllegalStateException: the mapping is wrong", 1L));
        assertThat(watching.preview(1).rows()).isEqualTo(1);
        assertThat(bench.stored()).isEmpty();
        assertThat(decided()).isZero();
    }

    @Test
    void aMessageThatTheOutboxRefusesIsLeftAndTheOthersGo() {
        for (int i = 0; i < 4; i++) {
            calls.add("a", i, "a" + i);
            calls.add("b", i, "b" + i);
        }
        calls.tooLong.add("a1");
        BridgeProgress progress = BridgeBench.round(bridge());
        assertThat(bench.stored()).containsExactlyInAnyOrder("a0", "b0", "b1", "b2", "b3");
        assertThat(progress.state()).isEqualTo(BridgeState.REMAINDER);
        assertThat(progress.left()).hasSize(1);
        assertThat(progress.left().keySet()).first().asString().contains("its topic has 300 characters");
        assertThat(progress.heldInLastRound()).isEqualTo(2);
    }

    @Test
    void pausesInAllProcessesUntilItIsResumed() {
        for (int i = 0; i < 7; i++) {
            calls.add("t", i, "o" + i);
        }
        OutboxBridge one = bridge();
        OutboxBridge other = bridge();
        one.step();
        other.pause();
        BridgeProgress progress = BridgeBench.round(one);
        assertThat(progress.state()).isEqualTo(BridgeState.PAUSED);
        assertThat(progress.paused()).isTrue();
        assertThat(bench.stored()).hasSize(3);
        one.resume();
        assertThat(BridgeBench.round(other).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).hasSize(7);
    }

    @Test
    void waitsBetweenBatchesAsTheRateSays() {
        for (int i = 0; i < 7; i++) {
            calls.add("t", i, "o" + i);
        }
        BridgeSettings slow = new BridgeSettings(
                BridgeMode.DRAIN, 5, 10, Duration.ZERO, Duration.ofMinutes(3), Duration.ofMinutes(10));
        OutboxBridge bridge = bench.bridge(RecordedCalls.PEER, calls.mapping, slow, bench.path());
        assertThat(bridge.step()).isEqualTo(Duration.ofMillis(500));
        assertThat(bridge.step()).isEqualTo(Duration.ofMillis(200));
        assertThat(bridge.step()).isEqualTo(Duration.ofMinutes(3));
        assertThat(bench.reports).singleElement().satisfies(report -> assertThat(report.isDrained())
                .isTrue());
    }

    @Test
    void failsVisiblyAndGoesOnWhenTheOutboxIsThereAgain() {
        for (int i = 0; i < 7; i++) {
            calls.add("t" + i, i, "o" + i);
        }
        OutboxBridge bridge = bridge();
        bench.jdbc.execute("ALTER TABLE tally_outbox RENAME TO tally_outbox_away");
        BridgeProgress failed = BridgeBench.round(bridge);
        assertThat(failed.state()).isEqualTo(BridgeState.FAILED);
        bench.jdbc.execute("ALTER TABLE tally_outbox_away RENAME TO tally_outbox");
        bridge.retryLeft();
        assertThat(BridgeBench.round(bridge).state()).isEqualTo(BridgeState.DRAINED);
        assertThat(bench.stored()).hasSize(7);
    }

    @Test
    void saysThatItsOwnTablesAreMissing() {
        bench.jdbc.execute("DROP TABLE tally_outbox_bridge");
        OutboxBridge bridge = bridge();
        assertThat(bridge.step()).isPositive();
        assertThatThrownBy(bridge::progress)
                .hasMessageContaining(
                        "tally/schema/bridge/" + bench.database.dialect().id() + "/V1__bridge.sql");
    }

    /** Before an old instance is started again, see docs/migration.md. */
    @Test
    void theDocumentedStatementRemovesWhatWasTakenFromTheOthersTable() throws IOException {
        for (int i = 0; i < 7; i++) {
            calls.add("t", i, "o" + i);
        }
        calls.add("u", 1, "u1");
        calls.tooLong.add("u1");
        BridgeBench.round(bridge());
        Matcher statements =
                Pattern.compile("(?m)^DELETE FROM [^;]+;").matcher(Files.readString(Path.of("../docs/migration.md")));
        List<String> documented = statements.results().map(MatchResult::group).toList();
        assertThat(documented).hasSize(2);
        String statement = bench.database.dialect().isMySqlFamily() ? documented.get(1) : documented.get(0);
        if (bench.database.dialect() == Dialect.MARIADB) {
            statement = statement.replace("utf8mb4_0900_bin", "utf8mb4_nopad_bin");
        }
        assertThat(bench.jdbc.update(statement.replace(";", ""))).isEqualTo(7);
        assertThat(bench.jdbc.queryForObject("SELECT COUNT(*) FROM TXNO_OUTBOX", Long.class))
                .isEqualTo(1);
        assertThat(bridge().progress().rowsLeft()).isEqualTo(1);
    }
}
