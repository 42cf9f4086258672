package dev.tally.consume;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessageProcessContext;
import dev.tally.testing.TestDatabase;
import dev.tally.testing.TraceStub;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.Subscription;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What is observed of processing a delivery. */
class ProcessObservationTest {

    @MessageType("order-placed")
    record Placed(String order) {}

    private final TestDatabase database = TestDatabase.h2();
    private final TestObservationRegistry registry = TestObservationRegistry.create();
    private final TraceStub trace = new TraceStub();
    private final List<String> current = new ArrayList<>();

    @AfterEach
    void close() {
        database.close();
    }

    private List<DeliveryOutcome> handle(PayloadHandler business, ReceivedMessage... deliveries) {
        registry.observationConfig().observationHandler(trace);
        return new IdempotentHandler(
                        new Subscription("orders", "stock", "*", 4, false, 16),
                        Placed.class,
                        business,
                        ConsumeParts.of(
                                        new JdbcInboxStore(
                                                database.dataSource(), database.transactions(), database.dialect()),
                                        database.transactions(),
                                        new JacksonPayloadCodec(new JsonMapper()),
                                        () -> Instant.EPOCH)
                                .with(new MessageObservations(registry, "rocketmq")))
                .handle(List.of(deliveries));
    }

    private static ReceivedMessage delivery(String id, String type, String payload, Headers headers, int attempt) {
        return new ReceivedMessage(
                new Message(
                        new MessageId(id),
                        Destination.topic("orders"),
                        null,
                        type,
                        headers,
                        payload.getBytes(StandardCharsets.UTF_8)),
                attempt);
    }

    private static ReceivedMessage delivery(String id) {
        return delivery(id, "order-placed", "{\"order\":\"1\"}", Headers.empty(), 1);
    }

    private TestObservationRegistryAssert.TestObservationRegistryAssertReturningObservationContextAssert single() {
        return assertThat(registry).hasSingleObservationThat();
    }

    @Test
    void namesTheObservationByTheConventionsAndReadsTheTraceOfTheMessage() {
        Headers headers = Headers.empty().with("Traceparent", TraceStub.TRACE_PARENT);

        handle(
                (payload, context) -> current.add(String.valueOf(registry.getCurrentObservation() != null)),
                delivery("m1", "order-placed", "{\"order\":\"1\"}", headers, 2));

        single().hasNameEqualTo("tally.message.process")
                .hasContextualNameEqualTo("process orders")
                .hasLowCardinalityKeyValue("messaging.system", "rocketmq")
                .hasLowCardinalityKeyValue("messaging.operation.name", "process")
                .hasLowCardinalityKeyValue("messaging.operation.type", "process")
                .hasLowCardinalityKeyValue("messaging.destination.name", "orders")
                .hasLowCardinalityKeyValue("messaging.consumer.group.name", "stock")
                .hasLowCardinalityKeyValue("outcome", "handled")
                .hasHighCardinalityKeyValue("messaging.message.id", "m1")
                .hasHighCardinalityKeyValue("tally.delivery.attempt", "2")
                .doesNotHaveError()
                .hasBeenStopped();
        assertThat(trace.read).containsExactly(TraceStub.TRACE_PARENT);
        assertThat(current).as("the handler runs inside").containsExactly("true");
    }

    @Test
    void aDuplicateIsAnOutcome() {
        handle((payload, context) -> {}, delivery("m1"));
        registry.clear();

        handle((payload, context) -> {}, delivery("m1"));

        single().hasLowCardinalityKeyValue("outcome", "duplicate").doesNotHaveError();
    }

    @Test
    void aFailureIsAnOutcomeWithItsError() {
        IllegalStateException failure = new IllegalStateException("out of stock");

        handle(
                (payload, context) -> {
                    throw failure;
                },
                delivery("m1"));

        single().hasLowCardinalityKeyValue("outcome", "failed")
                .hasHighCardinalityKeyValue("error.type", IllegalStateException.class.getName())
                .hasError(failure)
                .hasBeenStopped();
        assertThat(registry).doesNotHaveAnyRemainingCurrentObservation();
    }

    @Test
    void whatCanNeverBeHandledIsAnOutcome() {
        handle((payload, context) -> {}, delivery("m1", "something-else", "{}", Headers.empty(), 1));
        single().hasLowCardinalityKeyValue("outcome", "dead_lettered").doesNotHaveError();
        registry.clear();

        handle((payload, context) -> {}, delivery("m2", "order-placed", "no json", Headers.empty(), 1));
        single().hasLowCardinalityKeyValue("outcome", "dead_lettered").hasError();
    }

    @Test
    void everyDeliveryOfABatchIsObservedByItself() {
        handle((payload, context) -> {}, delivery("m1"), delivery("m2"), delivery("m1"));

        assertThat(registry)
                .hasNumberOfObservationsEqualTo(3)
                .hasNumberOfObservationsWithNameEqualTo("tally.message.process", 3);
    }

    @Test
    void whatABatchTookBackIsObservedAsSuchAndThenByItself() {
        handle(
                (payload, context) -> {
                    assertThat(registry).hasRemainingCurrentObservation();
                    if (context.id().value().equals("m2")) {
                        throw new IllegalStateException("out of stock");
                    }
                },
                delivery("m1"),
                delivery("m2"),
                delivery("m3"));

        assertThat(registry)
                .doesNotHaveAnyRemainingCurrentObservation()
                .hasNumberOfObservationsEqualTo(5)
                .hasNumberOfObservationsWithNameEqualTo("tally.message.process", 5)
                .hasHandledContextsThatSatisfy(contexts -> assertThat(contexts.stream()
                                .map(context -> ((MessageProcessContext) context).outcome())
                                .map(String::valueOf))
                        .containsExactly("TAKEN_BACK", "TAKEN_BACK", "HANDLED", "FAILED", "HANDLED"));
    }
}
