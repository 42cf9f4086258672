package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.OutboxSettings;
import dev.tally.testkit.CrashingPublisher.Point;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** A process is killed with -9 at each point of a message's life; another one goes on. */
@Scenario("messaging-1")
class OutboxCrashTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(Point.class)
    void deliversExactlyWhatCommittedWhereverTheProcessDiesOnH2(Point point) {
        Path file = folder.resolve("db");
        try (H2Database prepared = H2Database.inFile(file)) {
            createBusinessTable(prepared);
        }
        crash("jdbc:h2:file:" + file.toAbsolutePath() + ";WRITE_DELAY=0", point);
        try (H2Database database = H2Database.inFile(file)) {
            goOn(database, point);
        }
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void deliversExactlyWhatCommittedWhereverTheProcessDiesOnPostgres(Point point) {
        try (PostgresDatabase database = PostgresDatabase.create()) {
            createBusinessTable(database);
            crash(database.url(), point);
            goOn(database, point);
        }
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void deliversExactlyWhatCommittedWhereverTheProcessDiesOnMariaDb(Point point) {
        try (MariaDbDatabase database = MariaDbDatabase.create()) {
            createBusinessTable(database);
            crash(database.url(), point);
            goOn(database, point);
        }
    }

    private static void createBusinessTable(TestDatabase database) {
        new JdbcTemplate(database.dataSource()).execute("CREATE TABLE business (id VARCHAR(20) PRIMARY KEY)");
    }

    private Path broker() {
        return folder.resolve("broker.txt");
    }

    private void crash(String url, Point point) {
        try (ChildJvm child = ChildJvm.start(
                CrashingPublisher.class,
                CrashingPublisher.AT_THE_POINT,
                List.of(url, broker().toString(), point.name()))) {
            child.awaitReady().kill();
        }
    }

    private void goOn(TestDatabase database, Point point) {
        List<String> before = CrashingPublisher.FileTransport.read(broker());
        List<String> committed = new JdbcTemplate(database.dataSource())
                .queryForList("SELECT id FROM business ORDER BY id", String.class);
        assertThat(before).isSubsetOf(committed);
        RecordingTransport transport = new RecordingTransport();
        OutboxSettings settings = OutboxSettings.builder()
                .instance("crashing")
                .heartbeat(Duration.ofMillis(200))
                .nodeExpiry(Duration.ofHours(1))
                .build();
        try (OutboxNode next = new OutboxNode(database, transport, settings).start()) {
            next.publish("k1", "m9");
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat(next.store().stats().pending()).isZero());
            List<String> expected = new ArrayList<>(committed);
            expected.add("m9");
            List<String> all = Stream.concat(before.stream(), transport.sentIds().stream())
                    .distinct()
                    .toList();
            assertThat(all).containsExactlyInAnyOrderElementsOf(expected);
            for (String key : List.of("0", "1")) {
                assertThat(all.stream().filter(id -> isOf(key, id)).toList()).isSorted();
            }
        }
        if (point == Point.BETWEEN_CONFIRMATION_AND_COMPLETION) {
            assertThat(before).hasSize(8);
            assertThat(transport.sentIds()).containsAll(committed);
        }
    }

    private static boolean isOf(String key, String id) {
        return Integer.parseInt(id.substring(1)) % 2 == Integer.parseInt(key);
    }
}
