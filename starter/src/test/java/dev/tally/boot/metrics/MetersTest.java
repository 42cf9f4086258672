package dev.tally.boot.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.consume.ConsumeListener;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageListener;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxEntry;
import dev.tally.outbox.OutboxListener;
import dev.tally.publish.PublishListener;
import dev.tally.publish.Via;
import dev.tally.saga.SagaListener;
import dev.tally.saga.SagaState;
import dev.tally.saga.StepState;
import dev.tally.saga.definition.SagaDefinition;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.config.NamingConvention;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** Every meter of the documentation is there, counts, and can be scraped; and there are no others. */
class MetersTest {

    private static final Path DOCUMENT = Path.of("../docs/observability.md");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(tally\\.[a-z.]+)` \\| (counter|gauge|timer)");

    @TempDir
    Path directory;

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {

        record Placed(String order) {}

        @IdempotentConsumer(topic = "orders", group = "stock", concurrency = 3)
        void on(Placed placed) {}

        record Trip(String id) {}

        @Bean
        SagaDefinition<Trip> trip() {
            return SagaDefinition.named("trip", Trip.class)
                    .retriable("go", step -> step.local((trip, context) -> trip))
                    .build();
        }

        @Bean
        PrometheusMeterRegistry prometheus() {
            return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        }
    }

    @Test
    void everyDocumentedMeterCounts() throws IOException {
        try (ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.generate-unique-name=true",
                        "--tally.broker.data-directory=" + directory.resolve("broker"))) {
            PrometheusMeterRegistry registry = application.getBean(PrometheusMeterRegistry.class);
            if (registry.find("tally.half.undecided").gauge() == null) {
                application.getBeansOfType(MeterBinder.class).values().forEach(binder -> binder.bindTo(registry));
            }
            assertThat(application.getBean(Broker.class)).isNotNull();

            publish(application.getBean(PublishListener.class));
            outbox(application.getBean(OutboxListener.class));
            half(application.getBean(HalfMessageListener.class));
            consume(application.getBean(ConsumeListener.class));
            sagas(application.getBean(SagaMeters.class));

            assertThat(names(registry)).isEqualTo(documented());
            assertCounted(registry);
            assertThat(registry.get("tally.half.undecided").gauge().value()).isZero();
            assertThat(registry.get("tally.half.oldest").timeGauge().value()).isZero();
            assertThat(registry.get("tally.half.breaker").gauge().value()).isZero();
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> registry.get("tally.half.parked").gauge().value() == 0.0);
            assertThat(registry.get("tally.consume.concurrency").gauge().value())
                    .isEqualTo(3);
            assertThat(registry.get("tally.consume.paused").gauge().value()).isZero();
            await().atMost(Duration.ofSeconds(90))
                    .until(() -> registry.get("tally.consume.lag").gauge().value() == 0.0);
            assertScraped(registry);
        }
    }

    private static void publish(PublishListener listener) {
        listener.published(message(), Via.HALF_MESSAGE);
        listener.committed(1);
        listener.rolledBack(1);
        listener.unknown(1);
    }

    private static void outbox(OutboxListener listener) {
        OutboxEntry entry = new OutboxEntry(1, "owner", message(), 0);
        listener.stored(entry);
        listener.sent(entry);
        listener.retried(entry, 1, Duration.ZERO, "busy");
        listener.parked(entry, 9, "poison");
        listener.takenOver("dead");
        listener.fenced("old", "new");
        listener.circuitOpened("down");
    }

    private static void half(HalfMessageListener listener) {
        listener.prepared(3);
        listener.committed(2);
        listener.rolledBack(1);
        listener.decided(2, true, Duration.ofMillis(20));
        listener.decided(1, false, Duration.ofMillis(20));
        for (CheckBackAnswer answer : CheckBackAnswer.values()) {
            listener.checkedBack(answer);
        }
        listener.fellBack(4, "down");
    }

    private static void sagas(SagaListener listener) {
        listener.started("trip");
        listener.ended("trip", SagaState.COMPLETED, Duration.ofMillis(3));
        listener.parked("trip", "1", "stuck");
        listener.stepMoved("trip", "go", StepState.DONE, null);
        listener.stray("trip", "1", "late");
        listener.overdue("trip", "1");
    }

    private static void consume(ConsumeListener listener) {
        listener.handled("orders", "stock", Duration.ofMillis(3));
        listener.duplicate("orders", "stock");
        listener.takenApart("orders", "stock", 32, "out of stock");
        listener.skipped("orders", "stock", "out of stock");
        listener.stopped("orders", "stock", "out of stock");
        listener.failed("orders", "stock", Duration.ofMillis(3), "busy");
        listener.postponed("orders", "stock", "no database");
        listener.replayed("orders", "stock");
        listener.deadLettered("orders", "stock", "unreadable");
    }

    private static Message message() {
        return new Message(
                new MessageId("m"), Destination.topic("orders"), null, "text", Headers.empty(), new byte[] {1});
    }

    private static void assertCounted(MeterRegistry registry) {
        assertThat(count(registry, "tally.half.prepared")).isEqualTo(3);
        assertThat(count(registry, "tally.half.committed")).isEqualTo(2);
        assertThat(count(registry, "tally.half.rolledback")).isEqualTo(1);
        assertThat(count(registry, "tally.half.unknown")).isEqualTo(1);
        assertThat(count(registry, "tally.half.fallback")).isEqualTo(4);
        assertThat(registry.get("tally.half.decided").timer().count()).isEqualTo(1);
        for (String answer : List.of("commit", "rollback", "unknown")) {
            assertThat(registry.get("tally.half.checkback")
                            .tag("answer", answer)
                            .counter()
                            .count())
                    .isEqualTo(1);
        }
        for (String counter : List.of(
                "tally.publish.published",
                "tally.publish.settled",
                "tally.outbox.stored",
                "tally.outbox.sent",
                "tally.outbox.retried",
                "tally.outbox.parked.total",
                "tally.outbox.takeovers",
                "tally.outbox.fenced",
                "tally.outbox.circuit.opened",
                "tally.consume.batches.rolledback",
                "tally.consume.skipped",
                "tally.consume.stopped",
                "tally.consume.postponed",
                "tally.consume.replayed",
                "tally.inbox.duplicates",
                "tally.consume.deadlettered")) {
            assertThat(count(registry, counter)).as(counter).isEqualTo(1);
        }
        assertThat(registry.get("tally.consume.handled").timer().count()).isEqualTo(1);
        assertThat(registry.get("tally.consume.failed").timer().count()).isEqualTo(1);
    }

    private static double count(MeterRegistry registry, String name) {
        return registry.get(name).counter().count();
    }

    private static Set<String> names(MeterRegistry registry) {
        return registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .filter(name -> name.startsWith("tally."))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> documented() throws IOException {
        return ROW.matcher(Files.readString(DOCUMENT))
                .results()
                .map((MatchResult row) -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void assertScraped(PrometheusMeterRegistry registry) {
        String scraped = registry.scrape();
        NamingConvention convention = registry.config().namingConvention();
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            if (id.getName().startsWith("tally.")) {
                assertThat(scraped).contains(convention.name(id.getName(), id.getType(), id.getBaseUnit()));
            }
        }
    }
}
