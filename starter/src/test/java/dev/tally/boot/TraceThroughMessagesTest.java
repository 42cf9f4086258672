package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.consume.MessageContext;
import dev.tally.message.MessageType;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** One trace from the method that publishes to the handler in another thread, with Boot's tracing over OpenTelemetry. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {
            "spring.application.name=traced",
            "management.tracing.sampling.probability=1.0",
            "tally.rocketmq.close-timeout=1s",
            // On a loaded machine, too.
            "tally.rocketmq.send-timeout=60s",
            "tally.half-message.prepare-timeout=60s"
        })
class TraceThroughMessagesTest {

    private static final AttributeKey<String> DESTINATION = AttributeKey.stringKey("messaging.destination.name");

    @TempDir
    static Path directory;

    @Autowired
    private Orders orders;

    @Autowired
    private Stock stock;

    @Autowired
    private Tracer tracer;

    @Autowired
    private ObservationRegistry observations;

    @Autowired
    private InMemorySpanExporter spans;

    private final String id = UUID.randomUUID().toString();

    @DynamicPropertySource
    static void properties(DynamicPropertyRegistry registry) {
        registry.add("spring.datasource.url", () -> "jdbc:h2:mem:traced;DB_CLOSE_DELAY=-1");
        registry.add("tally.broker.data-directory", () -> directory.resolve("broker"));
    }

    @Test
    void goesThroughTheOutbox() {
        String trace = traceOf(() -> orders.throughOutbox(id));

        List<SpanData> ofTrace = awaitProcessed(trace);

        assertThat(names(ofTrace)).contains("business", "publish traced-orders", "process traced-orders");
        assertLinked(ofTrace, "outbox");
    }

    @Test
    void goesThroughAHalfMessage() {
        String trace = traceOf(() -> orders.throughHalfMessage(id));

        List<SpanData> ofTrace = awaitProcessed(trace);

        assertThat(names(ofTrace)).contains("business", "publish traced-orders", "process traced-orders");
        SpanData prepare = span(ofTrace, "prepare half messages");
        assertThat(prepare.getAttributes().asMap()).containsEntry(AttributeKey.stringKey("outcome"), "prepared");
        assertThat(prepare.getParentSpanId())
                .isEqualTo(span(ofTrace, "business").getSpanId());
        assertLinked(ofTrace, "half_message");
    }

    /** Runs in a span of a business method; its trace. */
    private String traceOf(Runnable publishing) {
        return Objects.requireNonNull(
                Observation.createNotStarted("business", observations).observe(() -> {
                    publishing.run();
                    return Objects.requireNonNull(tracer.currentSpan())
                            .context()
                            .traceId();
                }));
    }

    private List<SpanData> awaitProcessed(String trace) {
        await().atMost(Duration.ofSeconds(90)).until(() -> names(ofTrace(trace)).contains("process traced-orders"));
        assertThat(stock.traceOf).as("the handler runs in that trace").containsEntry(id, trace);
        assertThat(stock.headerOf.get(id)).contains(trace);
        return ofTrace(trace);
    }

    private List<SpanData> ofTrace(String trace) {
        return spans.getFinishedSpanItems().stream()
                .filter(span -> span.getTraceId().equals(trace))
                .toList();
    }

    private static void assertLinked(List<SpanData> spans, String via) {
        SpanData publish = span(spans, "publish traced-orders");
        SpanData process = span(spans, "process traced-orders");
        assertThat(publish.getKind()).isEqualTo(SpanKind.PRODUCER);
        assertThat(publish.getParentSpanId()).isEqualTo(span(spans, "business").getSpanId());
        assertThat(publish.getAttributes().asMap())
                .containsEntry(DESTINATION, "traced-orders")
                .containsEntry(AttributeKey.stringKey("tally.publish.via"), via)
                .containsKey(AttributeKey.stringKey("messaging.message.id"));
        assertThat(process.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(process.getParentSpanId()).isEqualTo(publish.getSpanId());
        assertThat(process.getAttributes().asMap())
                .containsEntry(DESTINATION, "traced-orders")
                .containsEntry(AttributeKey.stringKey("outcome"), "handled")
                .containsEntry(AttributeKey.stringKey("messaging.system"), "rocketmq");
    }

    private static SpanData span(List<SpanData> spans, String name) {
        return spans.stream()
                .filter(span -> span.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No span '" + name + "' among " + names(spans)));
    }

    private static List<String> names(List<SpanData> spans) {
        return spans.stream().map(SpanData::getName).toList();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import({Orders.class, Stock.class})
    static class Application {

        @Bean
        InMemorySpanExporter spanExporter() {
            return InMemorySpanExporter.create();
        }

        @Bean
        SpanProcessor spanProcessor(InMemorySpanExporter exporter) {
            return SimpleSpanProcessor.create(exporter);
        }
    }

    @MessageType("traced-order")
    record Placed(String order) {}

    static class Orders {

        @TransactionalPublisher(topic = "traced-orders", key = "#order")
        public Placed throughOutbox(String order) {
            return new Placed(order);
        }

        @TransactionalPublisher(topic = "traced-orders", key = "#order", via = Via.HALF_MESSAGE)
        public Placed throughHalfMessage(String order) {
            return new Placed(order);
        }
    }

    static class Stock {

        final Map<String, String> traceOf = new ConcurrentHashMap<>();
        final Map<String, String> headerOf = new ConcurrentHashMap<>();
        private final Tracer tracer;

        Stock(Tracer tracer) {
            this.tracer = tracer;
        }

        @IdempotentConsumer(topic = "traced-orders", group = "traced-stock")
        public void reserve(Placed placed, MessageContext context) {
            traceOf.put(
                    placed.order(),
                    Objects.requireNonNull(tracer.currentSpan()).context().traceId());
            headerOf.put(placed.order(), String.valueOf(context.headers().get("traceparent")));
        }
    }
}
