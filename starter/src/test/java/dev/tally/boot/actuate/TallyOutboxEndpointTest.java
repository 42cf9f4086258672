package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.boot.actuate.EndpointClient.Answer;
import dev.tally.boot.actuate.OperatedOutboxes.Order;
import dev.tally.message.Message;
import dev.tally.publish.MessagePublisher;
import dev.tally.testkit.RecordingTransport;
import dev.tally.transport.SendOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** The outbox's endpoint over HTTP, with the outboxes of two data sources. */
@SpringBootTest(
        classes = {EndpointApplication.class, OperatedOutboxes.class},
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "server.address=127.0.0.1",
            "management.endpoints.web.exposure.include=tallyoutbox,health",
            "management.endpoint.health.show-details=always",
            "tally.outbox.operations=true",
            "tally.jdbc.initialize-schema=always",
            "test.database=-endpoint"
        })
class TallyOutboxEndpointTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @LocalServerPort
    private int port;

    @Autowired
    private RecordingTransport broker;

    @Autowired
    private MessagePublisher publisher;

    @Autowired
    private PlatformTransactionManager transactions;

    @Autowired
    @Qualifier("billsTransactions") private PlatformTransactionManager billsTransactions;

    @Autowired
    private JdbcTemplate jdbc;

    @Autowired
    @Qualifier("bills") private DataSource bills;

    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final String topic = UUID.randomUUID().toString();
    private EndpointClient endpoint;

    @BeforeEach
    void open() {
        endpoint = new EndpointClient(port, "tallyoutbox");
        refused.add(topic);
        broker.failing(message -> refused.contains(message.destination().topic())
                ? new SendOutcome.Failed(false, "java.lang.IllegalStateException: no such topic", null)
                : null);
    }

    @AfterEach
    void goOn() {
        endpoint.post("unpause", by(Map.of()));
    }

    private void publish(PlatformTransactionManager manager, String key, Object payload) {
        new TransactionTemplate(manager).executeWithoutResult(status -> publisher.publish(topic, key, payload));
    }

    private static Map<String, Object> by(Map<String, ?> body) {
        Map<String, Object> all = new HashMap<>(Map.of("actor", "ada", "reason", "seen by night"));
        all.putAll(body);
        return all;
    }

    private List<JsonNode> parked(String rest) {
        return endpoint.get("/parked?topic=" + topic + rest)
                .body()
                .path("parked")
                .valueStream()
                .toList();
    }

    private JsonNode awaitParked(int rows, String rest) {
        await().atMost(PATIENCE).until(() -> parked(rest).size() == rows);
        return parked(rest).get(0);
    }

    private List<String> audit(JdbcTemplate of, String subject) {
        return of.queryForList(
                "SELECT actor || ' ' || action || ' ' || reason FROM tally_audit WHERE subject = ? ORDER BY done_at",
                String.class,
                subject);
    }

    private List<Message> delivered() {
        return broker.sent().stream()
                .filter(message -> message.destination().topic().equals(topic))
                .toList();
    }

    @Test
    void showsTheStateOfAllDataSources() {
        publish(transactions, "k", new Order(1));
        awaitParked(1, "");
        // Looked at every few seconds only.
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode sources = endpoint.get("").body().path("dataSources");
            assertThat(new TreeSet<>(sources.propertyNames())).containsExactly("billing", "primary");
            JsonNode primary = sources.path("primary");
            assertThat(primary.path("parked").asInt()).isPositive();
            assertThat(primary.path("paused").asBoolean()).isFalse();
            assertThat(primary.path("operations").asBoolean()).isTrue();
            JsonNode waiting = primary.path("waiting").path("parked");
            assertThat(waiting.path("oldest").asString()).startsWith("PT");
            assertThat(waiting.path("lastError").asString()).contains("no such topic");
            assertThat(waiting.path("whatToDo").asString()).contains("/actuator/tallyoutbox/parked");
            JsonNode node = primary.path("nodes").path(0);
            assertThat(node.path("alive").asBoolean()).isTrue();
            assertThat(node.path("lanes").size()).isEqualTo(32);
        });
    }

    @Test
    void listsShowsEditsAndResumesWhatIsParked() {
        publish(transactions, "k", new Order(1));
        JsonNode row = awaitParked(1, "&key=k&type=Order&error=NO%20SUCH&from=2020-01-01T00:00:00Z");
        long id = row.path("id").asLong();
        assertThat(row.path("attempts").asInt()).isEqualTo(1);
        assertThat(row.path("payload").isMissingNode()).isTrue();
        assertThat(parked("&until=2020-01-01T00:00:00Z")).isEmpty();
        JsonNode shown = endpoint.get("/parked/" + id).body();
        assertThat(shown.path("payload").asString()).isEqualTo("{\"number\":1}");
        assertThat(shown.path("contentType").asString()).isEqualTo("application/json");

        Answer unreadable =
                endpoint.post("parked/" + id, by(Map.of("act", "edit", "payload", "{\"number\": \"one\"}")));
        Answer noHeaders = endpoint.post("parked/" + id, by(Map.of("act", "edit", "headers", "[]")));
        assertThat(unreadable.status()).isEqualTo(400);
        assertThat(unreadable.error()).contains("none of type 'Order'").contains("nothing was changed");
        assertThat(noHeaders.status()).isEqualTo(400);
        assertThat(audit(jdbc, "outbox-row-" + id)).isEmpty();

        Answer edited = endpoint.post(
                "parked/" + id,
                by(Map.of("act", "edit", "payload", "{\"number\": 2}", "headers", "{\"note\": \"corrected\"}")));
        assertThat(edited.status()).isEqualTo(200);
        assertThat(edited.body().path("headers").path("note").asString()).isEqualTo("corrected");
        refused.remove(topic);
        Answer resumed = endpoint.post("parked/" + id, by(Map.of("act", "resume")));
        assertThat(resumed.body().path("outcome").asString()).isEqualTo("RESUMED");
        await().atMost(PATIENCE).until(() -> delivered().size() == 1);
        Message message = delivered().get(0);
        assertThat(new String(message.payload(), StandardCharsets.UTF_8)).isEqualTo("{\"number\": 2}");
        assertThat(message.headers().get("note")).isEqualTo("corrected");
        assertThat(audit(jdbc, "outbox-row-" + id))
                .containsExactly("ada edit-outbox-row seen by night", "ada resume-outbox-row seen by night");

        Answer again = endpoint.post("parked/" + id, by(Map.of("act", "discard")));
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.error()).contains("no row with this id is parked");
        assertThat(endpoint.get("/parked/" + id).status()).isEqualTo(404);
    }

    @Test
    void actsOnAllOfAFilterAfterAPreview() {
        for (int i = 0; i < 5; i++) {
            publish(transactions, "k", new Order(i));
        }
        awaitParked(5, "");
        assertThat(endpoint.get("/parked?topic=" + topic + "&max=2")
                        .body()
                        .path("more")
                        .asBoolean())
                .isTrue();
        JsonNode preview = endpoint.get("/preview?topic=" + topic).body();
        assertThat(preview.path("matching").asInt()).isEqualTo(5);
        assertThat(preview.path("first").size()).isEqualTo(5);
        long second = parked("").get(1).path("id").asLong();
        assertThat(endpoint.post("parked/" + second, by(Map.of("act", "resume")))
                        .status())
                .as("an older one of its key is parked")
                .isEqualTo(409);
        assertThat(endpoint.post("resume", by(Map.of("topic", topic, "expected", 4)))
                        .status())
                .isEqualTo(409);
        assertThat(endpoint.post("discard", by(Map.of("topic", topic))).status())
                .isEqualTo(400);
        refused.remove(topic);

        Answer run = endpoint.post("resume", by(Map.of("topic", topic, "expected", 5, "perSecond", 100)));

        assertThat(run.status()).isEqualTo(200);
        assertThat(run.body().path("matching").asInt()).isEqualTo(5);
        await().atMost(PATIENCE).until(() -> delivered().size() == 5);
        assertThat(delivered())
                .extracting(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .containsExactly(
                        "{\"number\":0}", "{\"number\":1}", "{\"number\":2}", "{\"number\":3}", "{\"number\":4}");
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode latest =
                    endpoint.get("").body().path("dataSources").path("primary").path("latestRun");
            assertThat(latest.path("status").asString()).isEqualTo("DONE");
            assertThat(latest.path("done").asInt()).isEqualTo(5);
        });
        assertThat(endpoint.post("cancel", by(Map.of())).status()).isEqualTo(200);
    }

    @Test
    void pausesAndGoesOn() {
        refused.remove(topic);
        assertThat(endpoint.post("pause", by(Map.of())).status()).isEqualTo(200);
        assertThat(endpoint.post("pause", by(Map.of())).status()).isEqualTo(409);
        await().atMost(PATIENCE).untilAsserted(() -> {
            JsonNode primary = endpoint.get("").body().path("dataSources").path("primary");
            assertThat(primary.path("paused").asBoolean()).isTrue();
            assertThat(primary.path("pause").path("by").asString()).isEqualTo("ada");
        });
        // The node sees the pause with its next heartbeat; what was published before may have gone out.
        AtomicInteger published = new AtomicInteger();
        await().atMost(PATIENCE).untilAsserted(() -> {
            publish(transactions, "k", new Order(published.incrementAndGet()));
            assertThat(endpoint.get("/waiting?by=topic").body().toString()).contains(topic);
        });
        assertThat(endpoint.post("unpause", by(Map.of())).status()).isEqualTo(200);
        await().atMost(PATIENCE).until(() -> delivered().size() == published.get());
    }

    @Test
    void actsOnTheOutboxOfAnotherDataSource() {
        publish(billsTransactions, "k", new Order(7));
        await().atMost(PATIENCE).until(() -> parked("&dataSource=billing").size() == 1);
        assertThat(parked("")).isEmpty();
        long id = parked("&dataSource=billing").get(0).path("id").asLong();
        Answer discarded = endpoint.post("parked/" + id, by(Map.of("act", "discard", "dataSource", "billing")));
        assertThat(discarded.status()).isEqualTo(200);
        assertThat(audit(new JdbcTemplate(bills), "outbox-row-" + id))
                .containsExactly("ada discard-outbox-row seen by night");
        assertThat(endpoint.get("/parked?dataSource=nobody").status()).isEqualTo(404);
        assertThat(endpoint.get("/parked?dataSource=nobody").error()).contains("[primary, billing]");
    }

    @Test
    void theActorIsTheAuthenticatedUserWhateverTheRequestSays() {
        publish(transactions, null, new Order(1));
        long id = awaitParked(1, "").path("id").asLong();
        assertThat(endpoint.postAs("grace", "hopper", "parked/" + id, by(Map.of("act", "discard")))
                        .status())
                .isEqualTo(200);
        assertThat(audit(jdbc, "outbox-row-" + id)).containsExactly("grace discard-outbox-row seen by night");
    }

    @Test
    void refusesWhatItDoesNotUnderstand() {
        publish(transactions, null, new Order(1));
        String row = "parked/" + awaitParked(1, "").path("id").asLong();
        assertThat(endpoint.post(row, Map.of("act", "discard", "actor", "ada")).error())
                .contains("the reason");
        assertThat(endpoint.post(row, Map.of("act", "discard", "reason", "because"))
                        .error())
                .contains("who does it");
        assertThat(endpoint.post(row, by(Map.of("act", "forget"))).status()).isEqualTo(400);
        assertThat(endpoint.post(row, by(Map.of())).status()).isEqualTo(400);
        assertThat(endpoint.post("forget", by(Map.of())).status()).isEqualTo(400);
        assertThat(endpoint.get("/nothing").status()).isEqualTo(404);
        assertThat(endpoint.get("/nothing/1").status()).isEqualTo(404);
        assertThat(endpoint.get("/waiting?by=colour").status()).isEqualTo(400);
        assertThat(endpoint.get("/parked?from=yesterday").status()).isEqualTo(400);
        assertThat(endpoint.post(row, by(Map.of("act", "edit", "payload", "1", "payloadBase64", "MQ==")))
                        .status())
                .isEqualTo(400);
        assertThat(endpoint.post("resume", by(Map.of("topic", topic, "perSecond", 0)))
                        .status())
                .isEqualTo(400);
        assertThat(parked("")).hasSize(1);
        assertThat(audit(jdbc, "outbox-row-" + row.substring(7))).isEmpty();
    }
}
