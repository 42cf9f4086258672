package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.boot.BridgeOperations;
import dev.tally.boot.OutboxBridges;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** The bridges' endpoint: what it tells, and how bridges are stopped and continued by it. */
class TallyBridgesEndpointTest {

    @TempDir
    Path directory;

    @EnableAutoConfiguration
    static class Application {}

    private ConfigurableApplicationContext start(String... more) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.datasource.generate-unique-name=true",
                        "tally.broker.data-directory=" + directory.resolve("broker"),
                        "tally.outbox.bridge.namastack.mode=watch",
                        "tally.outbox.bridge.interval=50ms")
                .properties(more)
                .run();
    }

    private static TallyBridgesEndpoint endpoint(ConfigurableApplicationContext application) {
        return new TallyBridgesEndpoint(application.getBean(BridgeOperations.class));
    }

    private static void createTables(ConfigurableApplicationContext application) {
        JdbcTemplate jdbc = application.getBean(JdbcTemplate.class);
        jdbc.execute("CREATE TABLE outbox_record (id VARCHAR(255) PRIMARY KEY, status VARCHAR(20), record_key"
                + " VARCHAR(255), record_type VARCHAR(255), payload CLOB, context CLOB, created_at TIMESTAMP WITH TIME"
                + " ZONE, completed_at TIMESTAMP WITH TIME ZONE, failure_count INT, failure_reason VARCHAR(1000),"
                + " next_retry_at TIMESTAMP WITH TIME ZONE, partition_no INT, handler_id VARCHAR(1000))");
        jdbc.execute("CREATE TABLE outbox_instance (instance_id VARCHAR(255), status VARCHAR(50), last_heartbeat"
                + " TIMESTAMP WITH TIME ZONE)");
        jdbc.execute("INSERT INTO outbox_record VALUES ('r1', 'FAILED', 'k', 'Order', '{}', NULL, CURRENT_TIMESTAMP,"
                + " NULL, 4, 'no answer', CURRENT_TIMESTAMP, 1, 'h')");
    }

    @Test
    void tellsHowFarABridgeHasCome() {
        try (ConfigurableApplicationContext application = start()) {
            TallyBridgesEndpoint endpoint = endpoint(application);
            assertThat(endpoint.bridge("namastack").getBody())
                    .asString()
                    .contains("the table outbox_record is not there");
            createTables(application);
            assertThat(endpoint.bridges().get("bridges"))
                    .isInstanceOfSatisfying(
                            List.class, bridges -> assertThat(bridges).hasSize(1));
            assertThat(endpoint.bridge("namastack").getBody())
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsEntry("waiting", Map.of("FAILED", 1L))
                    .containsEntry("drained", false)
                    .containsEntry("taken", 0L);
            assertThat(endpoint.bridge("other").getStatus()).isEqualTo(404);
        }
    }

    @Test
    void previewsWhatTheMappingWouldDo() {
        try (ConfigurableApplicationContext application = start(
                "tally.outbox.bridge.namastack.handlers=h",
                "tally.outbox.bridge.namastack.topics.Order=orders",
                "tally.outbox.bridge.namastack.types.Order=order-placed")) {
            TallyBridgesEndpoint endpoint = endpoint(application);
            assertThat(endpoint.view("namastack", "preview", null).getStatus()).isEqualTo(503);
            createTables(application);
            assertThat(endpoint.view("namastack", "preview", null).getBody())
                    .asInstanceOf(InstanceOfAssertFactories.MAP)
                    .containsEntry("rows", 1)
                    .containsEntry("wouldDeliver", Map.of("orders/order-placed", 1L))
                    .containsEntry("wouldLeave", Map.of());
            assertThat(endpoint.view("namastack", "preview", 10_001).getStatus())
                    .isEqualTo(400);
            assertThat(endpoint.view("namastack", "else", null).getStatus()).isEqualTo(404);
            assertThat(endpoint.view("other", "preview", null).getStatus()).isEqualTo(404);
        }
    }

    @Test
    void pausesAndResumesOnlyWhereThatIsAllowed() {
        try (ConfigurableApplicationContext application = start()) {
            assertThat(endpoint(application).operate("namastack", "pause").getStatus())
                    .isEqualTo(403);
        }
        try (ConfigurableApplicationContext application = start("tally.outbox.bridge.operate-by-hand=true")) {
            createTables(application);
            TallyBridgesEndpoint endpoint = endpoint(application);
            OutboxBridges bridges = application.getBean(OutboxBridges.class);
            assertThat(endpoint.operate("namastack", "pause").getStatus()).isEqualTo(200);
            assertThat(bridges.named("namastack").orElseThrow().progress().paused())
                    .isTrue();
            assertThat(endpoint.operate("namastack", "resume").getStatus()).isEqualTo(200);
            assertThat(bridges.named("namastack").orElseThrow().progress().paused())
                    .isFalse();
            assertThat(endpoint.operate("namastack", "retry-left").getStatus()).isEqualTo(200);
            assertThat(endpoint.operate("namastack", "explode").getStatus()).isEqualTo(400);
            assertThat(endpoint.operate("other", "pause").getStatus()).isEqualTo(404);
        }
    }
}
