package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.boot.actuate.EndpointClient.Answer;
import dev.tally.broker.Broker;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import tools.jackson.databind.JsonNode;

/** Half messages that the broker has given up asking about, over HTTP and in the meters. */
@SpringBootTest(
        classes = {EndpointApplication.class, EndpointBroker.class},
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "server.address=127.0.0.1",
            "management.endpoints.web.exposure.include=tallytransactions",
            "tally.half-message.decide-by-hand=true",
            "tally.rocketmq.producer-group=deciders",
            "tally.rocketmq.close-timeout=1s",
            // On a loaded machine, too.
            "tally.rocketmq.send-timeout=60s",
            "tally.half-message.prepare-timeout=60s",
            "test.check-immunity=1s"
        })
class ParkedTransactionsEndpointTest {

    private static final int SECONDS = 90;

    @TempDir
    static Path directory;

    @LocalServerPort
    private int port;

    @Autowired
    private Broker broker;

    @Autowired
    private MeterRegistry meters;

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", () -> "jdbc:h2:mem:parked;DB_CLOSE_DELAY=-1");
        registry.add(
                "tally.broker.data-directory", () -> directory.resolve("broker").toString());
    }

    @Test
    void showsCountsAndDecidesWhatIsParked() throws Exception {
        EndpointClient endpoint = new EndpointClient(port);
        String transaction = UUID.randomUUID().toString();
        RocketMqSettings settings = RocketMqSettings.builder(broker.address(), "deciders", "abandoned")
                .sendTimeout(Duration.ofSeconds(SECONDS))
                .build();
        try (RocketMqTransport abandoned = new RocketMqTransport(settings)) {
            Message message = new Message(
                    new MessageId(transaction),
                    Destination.topic("decided"),
                    null,
                    "text",
                    Headers.empty(),
                    new byte[] {1});
            abandoned.prepare(transaction, List.of(message)).get(SECONDS, TimeUnit.SECONDS);

            await().atMost(Duration.ofSeconds(SECONDS))
                    .until(() -> stateOf(endpoint, transaction).equals("PARKED"));
            assertThat(endpoint.get("/" + transaction)
                            .halves()
                            .get(0)
                            .path("checks")
                            .asInt())
                    .isPositive();
            // Asked in the background, so the first look may find nothing or what was before.
            await().atMost(Duration.ofSeconds(SECONDS))
                    .until(() -> meters.get("tally.half.parked").gauge().value() == 1.0);

            Answer answer = endpoint.post(
                    transaction, Map.of("decision", "rollback", "actor", "ada", "reason", "its service is gone"));

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body().path("outcome").asString()).isEqualTo("CONFIRMED");
            assertThat(broker.stats().messages()).isZero();
            await().atMost(Duration.ofSeconds(SECONDS))
                    .until(() -> meters.get("tally.half.parked").gauge().value() == 0.0);
        }
    }

    private static String stateOf(EndpointClient endpoint, String transaction) {
        List<JsonNode> halves = endpoint.get("/" + transaction).halves();
        return halves.isEmpty() ? "" : halves.get(0).path("state").asString();
    }
}
