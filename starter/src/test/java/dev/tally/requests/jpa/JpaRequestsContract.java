package dev.tally.requests.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.requests.jpa.JpaRequestsApplication.AtTheCommit;
import dev.tally.testkit.scenario.Scenario;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Keyed requests whose handlers and listeners use entities, with {@code spring.jpa.open-in-view} as it is by default. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class JpaRequestsContract {

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;
    private JdbcTemplate jdbc;
    private AtTheCommit listener;
    private String address;
    private String key;

    abstract String databaseUrl();

    @BeforeAll
    void start(@TempDir Path directory) {
        application = new SpringApplicationBuilder(JpaRequestsApplication.class)
                .run(
                        "--server.port=0",
                        "--server.address=127.0.0.1",
                        "--server.error.include-message=always",
                        "--spring.web.error.include-message=always",
                        "--spring.datasource.url=" + databaseUrl(),
                        "--spring.jpa.hibernate.ddl-auto=create",
                        "--tally.jdbc.initialize-schema=always",
                        "--tally.rocketmq.close-timeout=1s",
                        "--tally.broker.data-directory=" + directory.resolve("broker"));
        address = "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
        jdbc = application.getBean(JdbcTemplate.class);
        listener = application.getBean(AtTheCommit.class);
    }

    @BeforeEach
    void fresh() {
        for (String table : new String[] {"own_basket_item", "own_basket", "tally_inbox", "tally_reply"}) {
            jdbc.update("DELETE FROM " + table);
        }
        listener.seen.clear();
        key = UUID.randomUUID().toString();
    }

    @AfterAll
    void stop() {
        application.close();
    }

    private HttpResponse<String> fill(String id, String then) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(address + "/baskets?id=" + id + "&then=" + then))
                        .header("Idempotency-Key", key)
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static boolean isReplayed(HttpResponse<?> response) {
        return response.headers().firstValue("Idempotency-Replayed").isPresent();
    }

    private void assertNothingStored() {
        assertThat(jdbc.queryForList("SELECT * FROM tally_inbox")).isEmpty();
        assertThat(jdbc.queryForList("SELECT * FROM tally_reply")).isEmpty();
    }

    @Test
    @Scenario("messaging-23")
    void whatListensToTheCommitWorksWithTheEntitiesOfTheRequest() throws Exception {
        HttpResponse<String> first = fill("b1", "");
        HttpResponse<String> again = fill("b1", "");

        assertThat(first.statusCode()).as(first.body()).isEqualTo(201);
        assertThat(first.body()).isEqualTo("filled b1");
        assertThat(isReplayed(first)).isFalse();
        assertThat(listener.seen).containsExactly("before 1", "after true SEEN");
        assertThat(jdbc.queryForList("SELECT id FROM own_basket_item ORDER BY id", String.class))
                .containsExactly("b1-first", "b1-last");
        assertThat(jdbc.queryForList("SELECT remark FROM own_basket", String.class))
                .containsExactly("seen");
        assertThat(again.statusCode()).isEqualTo(201);
        assertThat(isReplayed(again)).isTrue();
    }

    @Test
    @Scenario("messaging-24")
    void aRefusalBeforeTheCommitIsTheReplyAndTheKeyIsFree() throws Exception {
        HttpResponse<String> refused = fill("b1", "refuse");

        assertThat(refused.statusCode()).as(refused.body()).isEqualTo(500);
        assertThat(refused.body()).contains("refused before the commit").doesNotContain("filled");
        assertThat(jdbc.queryForList("SELECT * FROM own_basket")).isEmpty();
        assertNothingStored();

        HttpResponse<String> next = fill("b1", "");
        assertThat(next.statusCode()).as(next.body()).isEqualTo(201);
        assertThat(isReplayed(next)).isFalse();
    }

    @Test
    @Scenario("messaging-24")
    void aViolationThatTheCommitFindsIsTheReplyAndTheKeyIsFree() throws Exception {
        jdbc.update("INSERT INTO own_basket (id, remark) VALUES ('b1', 'older')");

        HttpResponse<String> violated = fill("b1", "");

        assertThat(violated.statusCode()).as(violated.body()).isEqualTo(500);
        assertThat(violated.body()).doesNotContain("filled");
        assertThat(jdbc.queryForList("SELECT remark FROM own_basket", String.class))
                .containsExactly("older");
        assertNothingStored();
        jdbc.update("DELETE FROM own_basket");
        assertThat(fill("b1", "").statusCode()).isEqualTo(201);
    }

    @Test
    @Scenario("messaging-24")
    void anExceptionThatIsAnsweredTakesTheEntitiesBack() throws Exception {
        HttpResponse<String> answered = fill("b1", "throw");

        assertThat(answered.statusCode()).isEqualTo(410);
        assertThat(answered.body()).isEqualTo("not possible");
        assertThat(listener.seen).isEmpty();
        assertThat(jdbc.queryForList("SELECT * FROM own_basket")).isEmpty();
        assertNothingStored();
    }
}
