package dev.tally.boot.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.tally.boot.RecentConsumerLags;
import dev.tally.boot.TallyConsumerOperationsAutoConfiguration;
import dev.tally.boot.diagnostics.InboxRetentionTooShortException;
import dev.tally.consume.ConsumerOperations;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.IdempotentConsumerRegistry;
import dev.tally.consume.InvalidConsumerException;
import dev.tally.publish.MessagePublisher;
import dev.tally.testkit.scenario.Scenario;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.support.TransactionTemplate;

/** The consumers' endpoint: what it tells, and how consumers are paused and changed by it. */
class TallyConsumersEndpointTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    record Placed(String order) {}

    static class Stock {

        private final List<String> handled = new CopyOnWriteArrayList<>();
        private volatile boolean broken;

        @IdempotentConsumer(
                topic = "orders",
                group = "stock",
                concurrency = 3,
                minConcurrency = 1,
                maxRate = 1000,
                stopFor = IllegalStateException.class)
        void on(Placed placed) {
            if (broken) {
                throw new IllegalStateException("the shelf is broken");
            }
            handled.add(placed.order());
        }
    }

    @EnableAutoConfiguration
    static class Application {

        @Bean
        Stock stock() {
            return new Stock();
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

    private static TallyConsumersEndpoint endpoint(ConfigurableApplicationContext application) {
        return new TallyConsumersEndpoint(
                application.getBean(IdempotentConsumerRegistry.class),
                application.getBean(RecentConsumerLags.class),
                application.getBeanProvider(ConsumerOperations.class).getIfAvailable());
    }

    private static WebEndpointResponse<Object> act(
            TallyConsumersEndpoint endpoint, String act, Integer min, Integer max, Double perSecond) {
        return endpoint.act(
                act,
                "orders",
                "stock",
                min,
                max,
                perSecond,
                null,
                null,
                null,
                null,
                null,
                "seen by night",
                "ada",
                SecurityContext.NONE);
    }

    private static Map<?, ?> only(TallyConsumersEndpoint endpoint) {
        List<?> consumers = (List<?>) endpoint.consumers(null, true).get("consumers");
        assertThat(consumers).hasSize(1);
        return (Map<?, ?>) consumers.get(0);
    }

    private static void place(ConfigurableApplicationContext application, String order) {
        application.getBean(TransactionTemplate.class).executeWithoutResult(status -> application
                .getBean(MessagePublisher.class)
                .publish("orders", order, new Placed(order)));
    }

    @Test
    void pausesResumesAndChangesAConsumerAndRecordsIt() {
        try (ConfigurableApplicationContext application = start("tally.consumer.operations=true")) {
            TallyConsumersEndpoint endpoint = endpoint(application);
            Stock stock = application.getBean(Stock.class);
            place(application, "1");
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(stock.handled).containsExactly("1"));
            assertThat(only(endpoint).get("maxConcurrency")).isEqualTo(3);
            assertThat(only(endpoint).get("minConcurrency")).isEqualTo(1);
            assertThat(only(endpoint).get("maxRate")).isEqualTo(1000.0);

            assertThat(act(endpoint, "pause", null, null, null).getStatus()).isEqualTo(200);
            place(application, "2");
            await().atMost(PATIENCE).until(() -> only(endpoint).get("waiting"), waiting -> Integer.valueOf(1)
                    .equals(waiting));
            assertThat(only(endpoint).get("paused")).isEqualTo(true);
            assertThat(only(endpoint).get("slowestKeys")).asString().contains("key=2");
            assertThat(stock.handled).containsExactly("1");

            assertThat(act(endpoint, "resume", null, null, null).getStatus()).isEqualTo(200);
            await().atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(stock.handled).containsExactly("1", "2"));

            assertThat(act(endpoint, "concurrency", null, 8, null).getStatus()).isEqualTo(200);
            assertThat(act(endpoint, "rate", null, null, 5.0).getStatus()).isEqualTo(200);
            assertThat(only(endpoint).get("minConcurrency")).isEqualTo(8);
            assertThat(only(endpoint).get("maxRate")).isEqualTo(5.0);
            assertThat(application
                            .getBean(JdbcTemplate.class)
                            .queryForList(
                                    "SELECT action FROM tally_audit WHERE actor = 'ada' AND subject = 'orders of group"
                                            + " stock' ORDER BY done_at",
                                    String.class))
                    .containsExactly("pause-consumer", "resume-consumer", "change-consumer", "change-consumer");

            assertThat(act(endpoint, "concurrency", 3, 2, null).getStatus()).isEqualTo(400);
            assertThat(act(endpoint, "concurrency", null, null, null).getStatus())
                    .isEqualTo(400);
            assertThat(act(endpoint, "explode", null, null, null).getStatus()).isEqualTo(400);
            assertThat(endpoint.act(
                                    "pause",
                                    "orders",
                                    "billing",
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    null,
                                    "seen by night",
                                    "ada",
                                    SecurityContext.NONE)
                            .getStatus())
                    .isEqualTo(404);
        }
    }

    @Test
    void onlyShowsWhereOperationsAreNotAllowed() {
        try (ConfigurableApplicationContext application = start()) {
            assertThat(application
                            .getBeanProvider(TallyConsumerOperationsAutoConfiguration.class)
                            .getIfAvailable())
                    .isNull();
            TallyConsumersEndpoint endpoint = endpoint(application);
            assertThat(only(endpoint).get("topic")).isEqualTo("orders");
            assertThat(act(endpoint, "pause", null, null, null).getStatus()).isEqualTo(403);
        }
    }

    @Test
    void settingsOfAGroupGoBeforeItsAnnotation() {
        try (ConfigurableApplicationContext application = start(
                "tally.consumer.groups.stock.concurrency=6",
                "tally.consumer.groups.stock.max-rate=0",
                "tally.consumer.groups.stock.batch=10")) {
            Map<?, ?> stock = only(endpoint(application));
            assertThat(stock.get("maxConcurrency")).isEqualTo(6);
            assertThat(stock.get("minConcurrency")).isEqualTo(6);
            assertThat(stock.get("batch")).isEqualTo(10);
            assertThat(stock.get("maxAttempts")).isEqualTo(16);
            assertThat(stock.containsKey("maxRate")).isFalse();
        }
    }

    @Test
    void doesNotStartWithSettingsOfAGroupThatIsNotThere() {
        assertThatExceptionOfType(InvalidConsumerException.class)
                .isThrownBy(() -> start("tally.consumer.groups.stok.concurrency=6"))
                .withMessageContaining("[stok]")
                .withMessageContaining("[stock]");
    }

    @Scenario("messaging-32")
    @Test
    void doesNotStartWhereTheInboxForgetsWhatMayComeAgain() {
        assertThatExceptionOfType(BeanCreationException.class)
                .isThrownBy(() -> start("tally.jdbc.inbox-retention=6d"))
                .havingRootCause()
                .isInstanceOf(InboxRetentionTooShortException.class)
                .withMessageContaining("PT144H")
                .withMessageContaining("tally.rocketmq.redelivery-horizon");
        try (ConfigurableApplicationContext application =
                start("tally.jdbc.inbox-retention=6d", "tally.rocketmq.redelivery-horizon=5d")) {
            assertThat(application.isRunning()).isTrue();
        }
    }

    private static WebEndpointResponse<Object> seek(
            TallyConsumersEndpoint endpoint, String to, String queue, Long position, boolean preview) {
        return endpoint.act(
                "seek",
                "orders",
                "stock",
                null,
                null,
                null,
                to,
                queue,
                position,
                preview,
                null,
                "the prices were wrong",
                "ada",
                SecurityContext.NONE);
    }

    @Test
    void showsWhatWaitsAndMovesTheGroupPastItOrBackToIt() {
        try (ConfigurableApplicationContext application = start("tally.consumer.operations=true")) {
            TallyConsumersEndpoint endpoint = endpoint(application);
            Stock stock = application.getBean(Stock.class);
            place(application, "1");
            await().atMost(PATIENCE).until(() -> stock.handled.size() == 1);
            await().atMost(PATIENCE).until(() -> only(endpoint).get("emptyIn"), "empty"::equals);
            List<?> without = (List<?>) endpoint.consumers(null, null).get("consumers");
            assertThat(((Map<?, ?>) without.get(0)).containsKey("lag"))
                    .as("the broker is asked where that is wanted only")
                    .isFalse();

            act(endpoint, "pause", null, null, null);
            place(application, "2");
            await().atMost(PATIENCE).until(() -> only(endpoint).get("lag"), Long.valueOf(1)::equals);
            assertThat(only(endpoint).get("oldest")).isNotNull();
            Map<?, ?> preview = (Map<?, ?>)
                    seek(endpoint, "2999-01-01T00:00:00Z", null, null, true).getBody();
            assertThat(preview.get("skips")).isEqualTo(1L);
            assertThat(only(endpoint).get("lag")).isEqualTo(1L);
            Map<?, ?> done = (Map<?, ?>)
                    seek(endpoint, "2999-01-01T00:00:00Z", null, null, false).getBody();
            assertThat(done.get("preview")).isEqualTo(false);
            assertThat(only(endpoint).get("lag")).isEqualTo(0L);
            act(endpoint, "resume", null, null, null);

            List<?> queues = (List<?>) done.get("queues");
            Map<?, ?> moved = (Map<?, ?>) queues.stream()
                    .filter(each -> Long.valueOf(1).equals(((Map<?, ?>) each).get("skips")))
                    .findFirst()
                    .orElseThrow();
            WebEndpointResponse<Object> back =
                    seek(endpoint, null, (String) moved.get("queue"), (Long) moved.get("from"), false);
            assertThat(back.getStatus()).isEqualTo(200);
            await().atMost(PATIENCE).until(() -> stock.handled.contains("2"));
            assertThat(stock.handled).containsExactly("1", "2");

            assertThat(seek(endpoint, "soon", null, null, false).getStatus()).isEqualTo(400);
            assertThat(seek(endpoint, null, null, null, false).getStatus()).isEqualTo(400);
            assertThat(seek(endpoint, null, "nowhere:0", 0L, true).getStatus()).isEqualTo(409);
            assertThat(application
                            .getBean(JdbcTemplate.class)
                            .queryForList(
                                    "SELECT detail FROM tally_audit WHERE action = 'seek-consumer' ORDER BY done_at",
                                    String.class))
                    .hasSize(2)
                    .first()
                    .asString()
                    .contains("skips 1 messages and replays 0");
        }
    }

    @Test
    void healthIsDownWhileAFailureHasStoppedAConsumerOrTooMuchWaitsForIt() {
        try (ConfigurableApplicationContext application = start(
                "tally.consumer.operations=true",
                "tally.consumer.groups.stock.max-lag=2",
                "tally.consumer.lag-interval=200ms")) {
            HealthIndicator indicator = application.getBean("tallyHealthIndicator", HealthIndicator.class);
            TallyConsumersEndpoint endpoint = endpoint(application);
            Stock stock = application.getBean(Stock.class);
            await().atMost(PATIENCE)
                    .until(() -> Status.UP.equals(health(indicator).getStatus())
                            && !health(indicator).getDetails().containsKey("lagUnknown"));
            assertThat(health(indicator).getDetails()).doesNotContainKeys("stoppedConsumers", "laggingConsumers");

            act(endpoint, "pause", null, null, null);
            Health paused = health(indicator);
            assertThat(paused.getStatus()).isEqualTo(Status.UP);
            assertThat(paused.getDetails().get("pausedConsumers")).asString().contains("orders/stock");
            place(application, "1");
            place(application, "2");
            place(application, "3");
            await().atMost(PATIENCE).until(() -> health(indicator).getDetails().containsKey("laggingConsumers"));
            Health lagging = health(indicator);
            assertThat(lagging.getStatus()).isEqualTo(Status.DOWN);
            assertThat(lagging.getDetails().get("laggingConsumers")).asString().contains("lag=3", "limit=2");

            stock.broken = true;
            act(endpoint, "resume", null, null, null);
            await().atMost(PATIENCE).until(() -> health(indicator).getDetails().containsKey("stoppedConsumers"));
            Health stopped = health(indicator);
            assertThat(stopped.getStatus()).isEqualTo(Status.DOWN);
            assertThat(stopped.getDetails().get("stoppedConsumers")).asString().contains("the shelf is broken");

            stock.broken = false;
            await().atMost(PATIENCE).until(() -> {
                // A handler that had begun before may have stopped it once more.
                act(endpoint, "resume", null, null, null);
                return Status.UP.equals(health(indicator).getStatus());
            });
            assertThat(stock.handled).containsExactlyInAnyOrder("1", "2", "3");
        }
    }

    private static Health health(HealthIndicator indicator) {
        Health health = indicator.health();
        assertThat(health).isNotNull();
        return health;
    }

    @Test
    void doesNotStartWhereMessagesWouldBeForwardedToTheirOwnTopic() {
        assertThatExceptionOfType(InvalidConsumerException.class)
                .isThrownBy(() -> start("tally.consumer.groups.stock.forward-to=orders"))
                .withMessageContaining("'orders'")
                .withMessageContaining("the same topic");
        try (ConfigurableApplicationContext application = start("tally.consumer.groups.stock.forward-to=orders-wide")) {
            Stock stock = application.getBean(Stock.class);
            place(application, "1");
            await().atMost(PATIENCE).until(() -> stock.handled.contains("1"));
            List<?> consumers =
                    (List<?>) endpoint(application).consumers(null, null).get("consumers");
            assertThat(consumers)
                    .extracting(each -> ((Map<?, ?>) each).get("topic"))
                    .isEqualTo(List.of("orders-wide", "orders"));
        }
    }
}
