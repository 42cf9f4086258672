package dev.tally.sagas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.testkit.ChildJvm;
import dev.tally.testkit.FreePorts;
import dev.tally.testkit.PostgresDatabase;
import dev.tally.testkit.TestDatabase;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Two nodes that are orchestrator and participants, on PostgreSQL and a broker of its own; nodes and broker are killed at
 * random moments while orders are placed. How often is said by {@code tally.saga.crash.kills}, the seed by {@code
 * tally.saga.crash.seed}.
 */
class SagaCrashTest {

    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir
    Path directory;

    private int port;
    private String databaseUrl;
    private final List<ChildJvm> all = new ArrayList<>();

    @Test
    @Scenario("saga-1")
    @Scenario("saga-7")
    @Scenario("saga-30")
    @Scenario("saga-32")
    @Scenario("saga-40")
    @Scenario("saga-44")
    void everySagaEndsAndItsEffectsAreThereOnceOrNotAtAll() throws IOException {
        long seed = Long.getLong("tally.saga.crash.seed", 20261122L);
        int kills = Integer.getInteger("tally.saga.crash.kills", 5);
        Random random = new Random(seed);
        try (TestDatabase database = PostgresDatabase.create()) {
            databaseUrl = database.url();
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            // Without keys, so that nothing but the barrier keeps an effect from being there twice.
            jdbc.execute("CREATE TABLE shop_order (id VARCHAR(64) NOT NULL, state VARCHAR(16) NOT NULL)");
            jdbc.execute("CREATE TABLE reservation (order_id VARCHAR(64) NOT NULL, item VARCHAR(64) NOT NULL)");
            jdbc.execute("CREATE TABLE payment (order_id VARCHAR(64) NOT NULL)");
            port = FreePorts.next();
            ChildJvm broker = broker();
            ChildJvm[] nodes = {node("a0"), node("b0")};
            nodes[0].awaitReady();
            nodes[1].awaitReady();
            for (int kill = 1; kill <= kills; kill++) {
                int victim = random.nextInt(2);
                awaitPlaced(nodes[victim], 20 + random.nextInt(100));
                if (kill % 3 == 0) {
                    broker.kill();
                    awaitPlaced(nodes[victim], 30);
                    broker = broker();
                } else {
                    nodes[victim].kill();
                    nodes[victim] = node((victim == 0 ? "a" : "b") + kill);
                    nodes[victim].awaitReady();
                }
            }
            for (ChildJvm node : nodes) {
                node.tell("stop");
                node.awaitLine(SagaNodeMain.STOPPED::equals, PATIENCE);
            }
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> assertThat(open(jdbc)).isEmpty());
            audit(jdbc, "seed " + seed + ", " + kills + " kills");
        } finally {
            all.forEach(ChildJvm::close);
        }
    }

    private ChildJvm broker() {
        ChildJvm started = ChildJvm.start(
                SagaBrokerMain.class,
                SagaBrokerMain.READY,
                List.of(directory.resolve("broker").toString(), Integer.toString(port)));
        all.add(started);
        started.awaitReady();
        return started;
    }

    private ChildJvm node(String name) {
        ChildJvm started = ChildJvm.start(
                SagaNodeMain.class,
                SagaNodeMain.READY,
                List.of(
                        name,
                        "--spring.application.name=shop",
                        "--spring.main.web-application-type=none",
                        "--spring.main.banner-mode=off",
                        "--spring.datasource.url=" + databaseUrl,
                        "--rocketmq.name-server=127.0.0.1:" + port,
                        "--tally.jdbc.initialize-schema=always"));
        all.add(started);
        return started;
    }

    /** Until a node has placed some more. */
    private static void awaitPlaced(ChildJvm node, int more) {
        AtomicInteger open = new AtomicInteger(more);
        int known = node.output().size();
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
            List<String> output = node.output();
            long placed = output.subList(Math.min(known, output.size()), output.size()).stream()
                    .filter(line -> line.startsWith(SagaNodeMain.PLACED))
                    .count();
            return placed >= open.get();
        });
    }

    private static List<Map<String, Object>> open(JdbcTemplate jdbc) {
        return jdbc.queryForList("SELECT saga_id, state, steps, parked_reason FROM tally_saga WHERE ended_at IS NULL"
                + " ORDER BY started_at LIMIT 3");
    }

    private void audit(JdbcTemplate jdbc, String run) {
        Map<String, String> ends = jdbc.queryForList("SELECT business_key, state FROM tally_saga").stream()
                .collect(Collectors.toMap(row -> (String) row.get("business_key"), row -> (String) row.get("state")));
        List<String> placed = all.stream()
                .flatMap(node -> node.output().stream())
                .filter(line -> line.startsWith(SagaNodeMain.PLACED))
                .map(line -> line.substring(SagaNodeMain.PLACED.length()))
                .toList();
        assertThat(ends.keySet()).as(run).containsAll(placed);
        Map<String, List<Map<String, Object>>> orders = by(jdbc, "id", "SELECT id, state FROM shop_order");
        Map<String, List<Map<String, Object>>> reservations = by(jdbc, "order_id", "SELECT order_id FROM reservation");
        Map<String, List<Map<String, Object>>> payments = by(jdbc, "order_id", "SELECT order_id FROM payment");
        assertThat(orders.keySet()).as(run).isEqualTo(ends.keySet());
        List<String> wrong = new ArrayList<>();
        ends.forEach((order, end) -> {
            boolean completed = end.equals("COMPLETED");
            int expected = completed ? 1 : 0;
            List<Map<String, Object>> rows = orders.get(order);
            boolean isRight = rows.size() == 1
                    && rows.get(0).get("state").equals(completed ? "CONFIRMED" : "CANCELLED")
                    && reservations.getOrDefault(order, List.of()).size() == expected
                    && payments.getOrDefault(order, List.of()).size() == expected;
            if (!isRight) {
                wrong.add(order + " " + end + " " + rows + " reserved " + reservations.get(order) + " paid "
                        + payments.get(order));
            }
        });
        assertThat(wrong).as(run).isEmpty();
        assertThat(ends.values()).as(run).contains("COMPLETED", "COMPENSATED");
        System.out.println(run + ": " + ends.size() + " sagas, "
                + ends.values().stream().filter("COMPLETED"::equals).count() + " completed");
    }

    private static Map<String, List<Map<String, Object>>> by(JdbcTemplate jdbc, String column, String query) {
        return jdbc.queryForList(query).stream().collect(Collectors.groupingBy(row -> (String) row.get(column)));
    }
}
