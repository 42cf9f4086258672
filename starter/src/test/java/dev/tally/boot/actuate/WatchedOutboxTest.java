package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.actuate.EndpointClient.Answer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** What an outbox shows where nobody may change it, and when its health is DOWN. */
class WatchedOutboxTest {

    private static ConfigurableApplicationContext application(String... properties) {
        return new SpringApplicationBuilder(EndpointApplication.class, OperatedOutboxes.class)
                .run(Stream.concat(
                                Stream.of(
                                        "--server.address=127.0.0.1",
                                        "--server.port=0",
                                        "--management.endpoints.web.exposure.include=tallyoutbox",
                                        "--tally.jdbc.initialize-schema=always",
                                        "--test.database=" + UUID.randomUUID()),
                                Stream.of(properties))
                        .toArray(String[]::new));
    }

    private static void insert(ConfigurableApplicationContext application, String owner) {
        application
                .getBean(JdbcTemplate.class)
                .update(
                        "INSERT INTO tally_outbox (owner, message_id, topic, type, headers, payload, last_error, created_at)"
                                + " VALUES (?, 'm', 'orders', 'Order', '{\"secret\":\"x\"}', ?, 'refused',"
                                + " CURRENT_TIMESTAMP - INTERVAL '1' HOUR)",
                        owner,
                        new byte[] {'1'});
    }

    private static void pause(ConfigurableApplicationContext application) {
        application
                .getBean(JdbcTemplate.class)
                .update("INSERT INTO tally_outbox_pause (id, paused_by, reason) VALUES (1, 'ada', 'the broker moves')");
    }

    private static Health health(ConfigurableApplicationContext application) {
        return application
                .getBean("tallyHealthIndicator", HealthIndicator.class)
                .health();
    }

    @Test
    void changesNothingAndShowsNoPayloadsUnlessOperationsAreAllowed() {
        try (ConfigurableApplicationContext application = application()) {
            insert(application, "!parked");
            EndpointClient endpoint = new EndpointClient(
                    ((WebServerApplicationContext) application).getWebServer().getPort(), "tallyoutbox");
            String list = endpoint.get("/parked").body().toString();
            assertThat(list).contains("\"topic\":\"orders\"", "refused").doesNotContain("secret");
            assertThat(endpoint.get("/preview").body().toString())
                    .contains("\"matching\":1")
                    .doesNotContain("secret");
            long id = endpoint.get("/parked")
                    .body()
                    .path("parked")
                    .path(0)
                    .path("id")
                    .asLong();
            assertThat(endpoint.get("/parked/" + id).body().toString())
                    .contains("orders")
                    .doesNotContain("secret", "\"payload\"");
            for (String path : List.of("parked/" + id, "resume", "discard", "pause", "unpause", "cancel")) {
                Answer answer =
                        endpoint.post(path, Map.of("act", "discard", "actor", "ada", "reason", "r", "expected", 1));
                assertThat(answer.status()).as(path).isEqualTo(403);
                assertThat(answer.error()).contains("tally.outbox.operations=true");
            }
            assertThat(endpoint.get("/parked").body().path("parked").size()).isEqualTo(1);
        }
    }

    @Test
    void isDownPastTheLimitWithTheReasonAndWhatToDo() {
        try (ConfigurableApplicationContext application = application()) {
            pause(application);
            insert(application, "nobody");
            insert(application, "!parked");
            Health health = health(application);
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails().get("paused")).asString().contains("by ada since", "the broker moves");
            assertThat(health.getDetails().get("tooOld"))
                    .asString()
                    .contains("paused=", "limit=PT15M", "topic=orders", "end the pause")
                    .doesNotContain("parked=");
            assertThat(health.getDetails().get("waiting")).asString().contains("paused=PT1H", "parked=PT1H");
            assertThat(health.getDetails().get("dataSources")).asString().contains("billing");
        }
    }

    @Test
    void hasALimitForEachReason() {
        try (ConfigurableApplicationContext application = application("--tally.outbox.health.max-age.paused=2h")) {
            pause(application);
            insert(application, "nobody");
            insert(application, "!parked");
            assertThat(health(application).getStatus()).isEqualTo(Status.UP);
        }
        try (ConfigurableApplicationContext application =
                application("--tally.outbox.health.max-age.parked=30m", "--tally.health.max-backlog-age=2h")) {
            insert(application, "!parked");
            Health health = health(application);
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails().get("tooOld"))
                    .asString()
                    .contains("parked=", "limit=PT30M", "edit, resume or discard");
        }
    }
}
