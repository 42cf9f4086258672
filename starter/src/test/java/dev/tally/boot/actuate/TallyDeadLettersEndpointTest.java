package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.boot.DeadLetterPlaces;
import dev.tally.consume.ConsumeHeaders;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.deadletter.DeadLetterStore;
import dev.tally.publish.MessagePublisher;
import dev.tally.testkit.scenario.Scenario;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.messaging.Message;
import org.springframework.transaction.support.TransactionTemplate;

/** Dead letters in the database: seen, replayed and discarded by the endpoint. */
class TallyDeadLettersEndpointTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    record Placed(@NotBlank String order) {}

    static class OutOfStockException extends RuntimeException {

        OutOfStockException() {
            super("nothing left");
        }
    }

    static class Stock {

        private final List<String> handled = new CopyOnWriteArrayList<>();
        private volatile boolean empty = true;

        @IdempotentConsumer(topic = "orders", group = "stock", deadLetterFor = OutOfStockException.class)
        void on(@Valid Message<Placed> message) {
            String order = message.getPayload().order();
            if (empty && order.startsWith("rare")) {
                throw new OutOfStockException();
            }
            handled.add(order + " of " + message.getHeaders().get(ConsumeHeaders.GROUP));
        }
    }

    @EnableAutoConfiguration
    static class Application {

        @Bean
        Stock stock() {
            return new Stock();
        }

        @Bean
        MeterRegistry meters() {
            return new SimpleMeterRegistry();
        }
    }

    private ConfigurableApplicationContext start(String... more) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(
                        "spring.datasource.generate-unique-name=true",
                        "tally.broker.data-directory=" + directory.resolve("broker"))
                .properties(more)
                .run();
    }

    private static TallyDeadLettersEndpoint endpoint(ConfigurableApplicationContext application) {
        return new TallyDeadLettersEndpoint(application.getBean(DeadLetterPlaces.class));
    }

    private static void place(ConfigurableApplicationContext application, String... orders) {
        application.getBean(TransactionTemplate.class).executeWithoutResult(status -> {
            for (String order : orders) {
                application.getBean(MessagePublisher.class).publish("orders", order, new Placed(order));
            }
        });
    }

    private static Map<String, Object> list(TallyDeadLettersEndpoint endpoint) {
        return endpoint.list(null, null, null, null, null, null, null, null, null, null);
    }

    private static List<?> letters(TallyDeadLettersEndpoint endpoint) {
        return (List<?>) list(endpoint).get("deadLetters");
    }

    private static WebEndpointResponse<Object> act(
            TallyDeadLettersEndpoint endpoint, String act, String key, Boolean preview, String reason) {
        return endpoint.act(
                act,
                "stock",
                null,
                null,
                key,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                preview,
                reason,
                "ada",
                null,
                SecurityContext.NONE);
    }

    @Scenario("messaging-30")
    @Test
    void deadLettersAreShownWithTheirReasonReplayedAndDiscarded() {
        try (ConfigurableApplicationContext application = start("tally.consumer.operations=true")) {
            TallyDeadLettersEndpoint endpoint = endpoint(application);
            Stock stock = application.getBean(Stock.class);
            place(application, "rare-1", "common", "rare-2", " ");
            await().atMost(PATIENCE).until(() -> letters(endpoint).size() == 3);

            assertThat(list(endpoint)).containsEntry("count", 3L).containsEntry("byGroup", Map.of("stock", 3L));
            assertThat(letters(endpoint)).anySatisfy(letter -> assertThat(letter)
                    .asString()
                    .contains("key= ", "its payload is not valid: order must not be blank"));
            Map<?, ?> rare = (Map<?, ?>) letters(endpoint).stream()
                    .filter(letter -> "rare-1".equals(((Map<?, ?>) letter).get("key")))
                    .findFirst()
                    .orElseThrow();
            assertThat(rare.get("reason")).isEqualTo("OutOfStockException: nothing left");
            assertThat(rare.get("exception")).isEqualTo(OutOfStockException.class.getName());
            assertThat(endpoint.show("stock", (String) rare.get("id"), null).getBody())
                    .asString()
                    .contains("{\"order\":\"rare-1\"}", "TallyDeadLettersEndpointTest$Stock.on");
            assertThat(endpoint.show("stock", "unknown", null).getStatus()).isEqualTo(404);
            assertThat(stock.handled).containsExactly("common of stock");
            await().atMost(PATIENCE)
                    .until(() -> application
                                    .getBean(MeterRegistry.class)
                                    .get("tally.consume.deadletters")
                                    .gauge()
                                    .value()
                            == 3);

            assertThat(act(endpoint, "replay", "rare-1", true, null).getBody())
                    .isEqualTo(Map.of("would", "replay", "count", 1L));
            assertThat(act(endpoint, "replay", "rare-1", null, "").getStatus()).isEqualTo(400);
            assertThat(act(endpoint, "explode", null, null, "why").getStatus()).isEqualTo(400);
            assertThat(letters(endpoint)).hasSize(3);

            stock.empty = false;
            assertThat(act(endpoint, "replay", "rare-1", null, "new stock").getBody())
                    .isEqualTo(Map.of("due", 1));
            await().atMost(PATIENCE).until(() -> stock.handled.contains("rare-1 of stock"));
            await().atMost(PATIENCE).until(() -> letters(endpoint).size() == 2);
            assertThat(act(endpoint, "discard", "rare-2", null, "cancelled").getBody())
                    .isEqualTo(Map.of("discarded", 1));
            assertThat(letters(endpoint)).hasSize(1);
            assertThat(application
                            .getBean(JdbcTemplate.class)
                            .queryForList("SELECT action FROM tally_audit ORDER BY done_at", String.class))
                    .containsExactly("replay-dead-letters", "discard-dead-letters");
            assertThat(application
                            .getBean(MeterRegistry.class)
                            .get("tally.consume.replayed")
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
    }

    @Test
    void withoutOperationsItShowsOnlyAndHidesPayloads() {
        try (ConfigurableApplicationContext application = start()) {
            TallyDeadLettersEndpoint endpoint = endpoint(application);
            place(application, "rare");
            await().atMost(PATIENCE).until(() -> letters(endpoint).size() == 1);

            String id = (String) ((Map<?, ?>) letters(endpoint).get(0)).get("id");
            assertThat(endpoint.show("stock", id, null).getBody()).asString().doesNotContain("payload", "stack=");
            assertThat(act(endpoint, "discard", "rare", null, "why").getStatus())
                    .isEqualTo(403);
            assertThat(letters(endpoint)).hasSize(1);
        }
    }

    @Test
    void theBrokerKeepsThemWhereThatIsAskedFor() {
        try (ConfigurableApplicationContext application = start("tally.consumer.dead-letters=broker")) {
            assertThat(application.getBeanProvider(DeadLetterStore.class).getIfAvailable())
                    .isNull();
            assertThat(application.getBeanProvider(DeadLetterPlaces.class).getIfAvailable())
                    .isNull();
        }
    }
}
