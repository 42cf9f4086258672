package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Four processes publish for the same keys, on one PostgreSQL, while they are killed with -9, stopped for longer than
 * their lease, replaced, and sent away, and while their clocks, an hour apart, are set forward and back.
 *
 * <p>{@code -Dtally.outbox.crash.runs=200} runs more (about ten seconds each), {@code -Dtally.seed=7} repeats the choice of
 * what is done to whom.
 */
class OutboxNodesCrashTest {

    private static final Logger log = LoggerFactory.getLogger(OutboxNodesCrashTest.class);

    private static final int NODES = 4;
    private static final int HOUR = 3600;

    @TempDir
    Path folder;

    private final long seed = Long.getLong("tally.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<ChildJvm> nodes = new ArrayList<>();
    private PostgresDatabase database;
    private Path broker;
    private int kills;
    private int stops;
    private int leaves;

    // Hundreds of runs take longer than other tests may.
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    @Test
    @Scenario("messaging-6")
    @Scenario("messaging-7")
    @Scenario("messaging-9")
    void keepsTheOrderOfEffectWhileNodesAreKilledStoppedAndReplaced() throws IOException {
        broker = folder.resolve("broker");
        try (PostgresDatabase created = PostgresDatabase.create()) {
            database = created;
            JdbcTemplate business = new JdbcTemplate(database.dataSource());
            business.execute("CREATE TABLE counter (k VARCHAR(10) PRIMARY KEY, n BIGINT NOT NULL)");
            business.execute("CREATE TABLE effect (k VARCHAR(10), n BIGINT, tx VARCHAR(80), PRIMARY KEY (k, n))");
            for (int key = 0; key < KeyedNode.KEYS; key++) {
                business.update("INSERT INTO counter VALUES (?, 0)", "k" + key);
            }
            EffectChecker checker = new EffectChecker(business, broker);
            for (int place = 0; place < NODES; place++) {
                nodes.add(start(place));
            }
            nodes.forEach(ChildJvm::awaitReady);
            int runs = Integer.getInteger("tally.outbox.crash.runs", 2);
            for (int run = 1; run <= runs; run++) {
                run(run);
                checker.check("run " + run + " seed " + seed);
                log.info("run={} seed={} {} kills={} stops={} leaves={}", run, seed, checker, kills, stops, leaves);
            }
        } finally {
            nodes.forEach(ChildJvm::close);
        }
    }

    private ChildJvm start(int place) {
        return ChildJvm.start(
                List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                System.getProperty("java.class.path"),
                KeyedNode.class,
                KeyedNode.READY,
                List.of(
                        database.url(),
                        "place" + place,
                        broker.toString(),
                        String.valueOf(place % 2 == 0),
                        String.valueOf((place - 1) * HOUR)));
    }

    private void run(int number) {
        nodes.forEach(node -> node.tell("go"));
        for (int act = 0; act < 4; act++) {
            pause(300 + random.nextInt(900));
            int place = random.nextInt(NODES);
            switch (random.nextInt(5)) {
                case 0, 1 -> kill(place);
                case 2, 3 -> stop(place);
                default -> leaveOrJump(place);
            }
        }
        pause(500);
        nodes.forEach(ChildJvm::awaitReady);
        nodes.forEach(node -> node.tell("stop " + number));
        // Without their word a thread that the machine holds up could begin a transaction while the tables are read.
        nodes.forEach(node -> node.awaitLine((KeyedNode.STOPPED + number)::equals, Duration.ofMinutes(2)));
        JdbcOutboxStore store = JdbcOutboxStore.create(database.dataSource(), database.dialect());
        JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
        // Transactions that are still open belong to processes that go on, or end with their connections.
        await().atMost(Duration.ofMinutes(2))
                .pollInterval(Duration.ofMillis(100))
                .during(Duration.ofMillis(400))
                .untilAsserted(() -> {
                    assertThat(jdbc.queryForObject(
                                    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database()"
                                            + " AND backend_xid IS NOT NULL",
                                    Integer.class))
                            .isZero();
                    assertThat(store.stats().pending()).isZero();
                });
    }

    private void kill(int place) {
        nodes.get(place).kill();
        kills++;
        pause(random.nextInt(2500));
        nodes.set(place, start(place));
    }

    private void stop(int place) {
        ChildJvm node = nodes.get(place);
        signal("-STOP", node);
        stops++;
        pause(random.nextInt(3) == 0 ? random.nextInt(300) : 1000 + random.nextInt(2500));
        signal("-CONT", node);
    }

    private void leaveOrJump(int place) {
        ChildJvm node = nodes.get(place);
        if (random.nextBoolean()) {
            node.tell("jump " + (random.nextBoolean() ? HOUR : -HOUR));
        } else {
            node.tell("leave");
            node.awaitEnd();
            leaves++;
            nodes.set(place, start(place));
        }
    }

    private static void signal(String signal, ChildJvm node) {
        try {
            Process kill = new ProcessBuilder("kill", signal, String.valueOf(node.pid()))
                    .inheritIO()
                    .start();
            assertThat(kill.waitFor()).isZero();
        } catch (IOException e) {
            throw new AssertionError("Cannot signal a process", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void pause(int millis) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
    }
}
