package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.bridge.OutboxBridge;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** A process is killed with -9 while it takes rows; another one goes on. */
class BridgeCrashTest {

    private static final List<String> ORDERS = List.of("o0", "o1", "o2", "o3", "o4", "o5", "o6", "o7");

    @TempDir
    Path folder;

    @Test
    void takesEachRowOnceAlthoughAProcessDiesOnH2() {
        Path file = folder.resolve("db");
        try (H2Database prepared = H2Database.inFile(file)) {
            prepare(prepared);
        }
        crash("jdbc:h2:file:" + file.toAbsolutePath() + ";WRITE_DELAY=0");
        goOn(H2Database.inFile(file));
    }

    @Test
    void takesEachRowOnceAlthoughAProcessDiesOnPostgres() {
        PostgresDatabase database = PostgresDatabase.create();
        prepare(database);
        crash(database.url());
        goOn(database);
    }

    @Test
    void takesEachRowOnceAlthoughAProcessDiesOnMariaDb() {
        MariaDbDatabase database = MariaDbDatabase.create();
        prepare(database);
        crash(database.url());
        goOn(database);
    }

    private static void prepare(TestDatabase database) {
        RecordedCalls calls = new RecordedCalls(new JdbcTemplate(database.dataSource()));
        calls.createTables();
        for (int i = 0; i < ORDERS.size(); i++) {
            calls.add("t", i, ORDERS.get(i));
        }
    }

    private static void crash(String url) {
        try (ChildJvm child = ChildJvm.start(CrashingBridge.class, CrashingBridge.AT_THE_POINT, List.of(url))) {
            child.awaitReady().kill();
        }
    }

    private static void goOn(TestDatabase database) {
        try (BridgeBench bench = new BridgeBench(database)) {
            assertThat(bench.stored()).containsExactly("o0", "o1", "o2");
            OutboxBridge bridge = bench.bridge(RecordedCalls.PEER, new RecordedCalls(bench.jdbc).mapping);
            // The server may need a moment to see that the process is dead, and to take back what it had.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> BridgeBench.round(bridge).isDrained());
            assertThat(bench.stored()).containsExactlyElementsOf(ORDERS);
        }
    }
}
