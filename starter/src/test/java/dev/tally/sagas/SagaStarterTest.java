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

    private String get(String path) throws Exception {
        String address = "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port")
                + "/actuator/tallysagas" + path;
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
