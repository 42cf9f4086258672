package dev.tally.sagas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.saga.SagaState;
import dev.tally.saga.Sagas;
import dev.tally.sagas.SagaApplication.Orders;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Sagas of an application that only has the starter, through the broker within it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SagaStarterTest {

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;
    private JdbcTemplate jdbc;
    private Orders orders;
    private Sagas sagas;

    @BeforeAll
    void start(@TempDir Path directory) {
        application = new SpringApplicationBuilder(SagaApplication.class)
                .run(
                        "--spring.application.name=shop",
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--spring.datasource.url=jdbc:h2:mem:sagas;DB_CLOSE_DELAY=-1",
                        "--management.endpoints.web.exposure.include=*",
                        "--tally.saga.operations=true",
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.rocketmq.close-timeout=1s",
                        "--tally.broker.data-directory=" + directory.resolve("broker"));
        jdbc = application.getBean(JdbcTemplate.class);
        jdbc.execute("CREATE TABLE shop_order (id VARCHAR(64) PRIMARY KEY, state VARCHAR(16) NOT NULL)");
        jdbc.execute("CREATE TABLE reservation (order_id VARCHAR(64) PRIMARY KEY, item VARCHAR(64) NOT NULL)");
        jdbc.execute("CREATE TABLE payment (order_id VARCHAR(64) PRIMARY KEY)");
        orders = application.getBean(Orders.class);
        sagas = application.getBean(Sagas.class);
    }

    @AfterAll
    void stop() {
        application.close();
    }

    private void awaitState(String key, SagaState state) {
        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(sagas.find("place-order", key))
                .isNotNull()
                .extracting("state")
                .isEqualTo(state));
    }

    private String state(String order) {
        return jdbc.queryForObject("SELECT state FROM shop_order WHERE id = ?", String.class, order);
    }

    @Test
    void aSagaIsCompletedThroughTheBroker() {
        orders.place("o-1", "tea", 10);
        awaitState("o-1", SagaState.COMPLETED);
        assertThat(state("o-1")).isEqualTo("CONFIRMED");
        assertThat(jdbc.queryForList("SELECT item FROM reservation WHERE order_id = 'o-1'", String.class))
                .containsExactly("tea");
    }

    @Test
    void aRefusalIsCompensatedAndExplained() throws Exception {
        String id = orders.place("o-2", "gold", 100_000);
        awaitState("o-2", SagaState.COMPENSATED);
        assertThat(state("o-2")).isEqualTo("CANCELLED");
        assertThat(jdbc.queryForList("SELECT * FROM reservation WHERE order_id = 'o-2'"))
                .isEmpty();
        assertThat(jdbc.queryForList("SELECT * FROM payment WHERE order_id = 'o-2'"))
                .isEmpty();

        assertThat(get("/" + id))
                .contains("\"state\":\"COMPENSATED\"")
                .contains("not that much")
                .contains("flowchart TD")
                .contains("\"reservation\":{\"before\":\"null\",\"after\":\"\\\"r-o-2\\\"\"}");
        assertThat(get("/definitions")).contains("place-order").contains("pivot: command to payments");
        assertThat(get("?state=compensated")).contains(id);
        assertThat(get("/nobody")).contains("There is no saga nobody");
    }

    @Test
    void locksAreShownTakenAwayByHandAndPassedOnWhenTheirLeaseIsOver() throws Exception {
        lock("room-1", "saga-1", Long.MAX_VALUE);
        assertThat(get("/locks")).contains("room-1").contains("saga-1");
        assertThat(post("{\"act\":\"release-lock\",\"resource\":\"room-1\",\"owner\":\"saga-2\",\"actor\":\"ann\","
                        + "\"reason\":\"it hangs\"}"))
                .contains("saga saga-1 has it");
        assertThat(post("{\"act\":\"release-lock\",\"resource\":\"room-1\",\"owner\":\"saga-1\"}"))
                .contains("nothing was done");
        assertThat(post("{\"act\":\"release-lock\",\"resource\":\"room-1\",\"owner\":\"saga-1\",\"actor\":\"ann\","
                        + "\"reason\":\"it hangs\"}"))
                .contains("\"takenFrom\":\"saga-1\"");
        assertThat(get("/locks")).doesNotContain("room-1");

        lock("room-2", "saga-1", 1);
        jdbc.update("INSERT INTO tally_saga_lock_waiter (resource, saga_id, place, since, lease_millis)"
                + " VALUES ('room-2', 'saga-2', 1, 1, 60000)");
        jdbc.update("UPDATE tally_saga_lock SET contended = 1 WHERE resource = 'room-2'");
        Awaitility.await().atMost(Duration.ofSeconds(90)).untilAsserted(() -> assertThat(jdbc.queryForObject(
                        "SELECT owner FROM tally_saga_lock WHERE resource = 'room-2'", String.class))
                .isEqualTo("saga-2"));
    }

    private void lock(String resource, String owner, long until) {
        jdbc.update(
                "INSERT INTO tally_saga_lock (resource, owner, acquired_at, lease_until, contended)"
                        + " VALUES (?, ?, 1, ?, 0)",
                resource,
                owner,
                until);
    }

    private String post(String body) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(URI.create(address("/locks")))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private String get(String path) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(URI.create(address(path))).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private String address(String path) {
        return "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port")
                + "/actuator/tallysagas" + path;
    }
}
