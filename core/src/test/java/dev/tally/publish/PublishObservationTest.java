package dev.tally.publish;

import static io.micrometer.observation.tck.TestObservationRegistryAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.observation.MessageObservations;
import dev.tally.observation.MessagePublishContext;
import dev.tally.observation.MessagePublishObservationConvention;
import dev.tally.testing.RecordingPath;
import dev.tally.testing.TestDatabase;
import dev.tally.testing.TraceStub;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.IllegalTransactionStateException;
import tools.jackson.databind.json.JsonMapper;

/** What is observed of publishing, and which headers it leaves on a message. */
class PublishObservationTest {

    record Placed(String order) {}

    private final TestDatabase database = TestDatabase.h2();
    private final RecordingPath outbox = new RecordingPath();
    private final List<Message> handedOver = new ArrayList<>();
    private final TraceStub trace = new TraceStub();
    private final AtomicInteger counter = new AtomicInteger();

    @AfterEach
    void close() {
        database.close();
    }

    private TestObservationRegistry registry() {
        TestObservationRegistry registry = TestObservationRegistry.create();
        registry.observationConfig().observationHandler(trace);
        return registry;
    }

    private MessagePublisher publisher(MessageObservations observations) {
        return new TransactionalMessagePublisher(
                new JacksonPayloadCodec(new JsonMapper()),
                () -> new MessageId("m" + counter.incrementAndGet()),
                database.dataSource(),
                Map.of(Via.OUTBOX, messages -> {
                    handedOver.addAll(messages);
                    return outbox.prepare(messages);
                }),
                List.of(),
                new PublishListener() {},
                InstantSource.system(),
                observations);
    }

    private Message published(MessageObservations observations, OutgoingMessage.Builder message) {
        MessagePublisher publisher = publisher(observations);
        database.transaction()
                .executeWithoutResult(status -> publisher.publish(
                        message.payload(new Placed("1")).key("k").build()));
        return handedOver.get(0);
    }

    @Test
    void namesTheObservationByTheConventionsAndGivesTheMessageTheTrace() {
        TestObservationRegistry registry = registry();

        Message message = published(new MessageObservations(registry, "rocketmq"), OutgoingMessage.to("orders"));

        assertThat(registry)
                .hasSingleObservationThat()
                .hasNameEqualTo("tally.message.publish")
                .hasContextualNameEqualTo("publish orders")
                .hasLowCardinalityKeyValue("messaging.system", "rocketmq")
                .hasLowCardinalityKeyValue("messaging.operation.name", "publish")
                .hasLowCardinalityKeyValue("messaging.operation.type", "send")
                .hasLowCardinalityKeyValue("messaging.destination.name", "orders")
                .hasLowCardinalityKeyValue("tally.publish.via", "outbox")
                .hasHighCardinalityKeyValue("messaging.message.id", "m1")
                .doesNotHaveError()
                .hasBeenStarted()
                .hasBeenStopped();
        assertThat(message.id()).isEqualTo(new MessageId("m1"));
        assertThat(message.headers().get("traceparent")).isEqualTo(TraceStub.TRACE_PARENT);
        assertThat(message.headers().get("tally-content-type")).isEqualTo("application/json");
    }

    @Test
    void isAChildOfWhatIsObservedAroundIt() {
        TestObservationRegistry registry = registry();
        Observation business = Observation.createNotStarted("business", registry);

        business.observe(() -> published(new MessageObservations(registry, "rocketmq"), OutgoingMessage.to("orders")));

        assertThat(registry)
                .hasObservationWithNameEqualTo("tally.message.publish")
                .that()
                .hasParentObservationEqualTo(business);
    }

    @Test
    void keepsEveryHeaderThatTheUserHasSet() {
        trace.written.put("baggage", "tenant=of-the-trace");
        trace.written.put("Region", "of-the-trace");

        Message message = published(
                new MessageObservations(registry(), "rocketmq"),
                OutgoingMessage.to("orders")
                        .header("Baggage", "tenant=of-the-user")
                        .header("region", "of-the-user"));

        assertThat(message.headers().asMap())
                .containsEntry("traceparent", TraceStub.TRACE_PARENT)
                .containsEntry("Baggage", "tenant=of-the-user")
                .containsEntry("region", "of-the-user")
                .doesNotContainKeys("baggage", "Region");
    }

    @Test
    void leavesAMessageInTheTraceThatTheUserHasGivenIt() {
        trace.written.put("tracestate", "vendor=x");
        String given = "00-11111111111111111111111111111111-2222222222222222-01";

        Message message = published(
                new MessageObservations(registry(), "rocketmq"),
                OutgoingMessage.to("orders").header("Traceparent", given));

        assertThat(message.headers().asMap())
                .containsEntry("Traceparent", given)
                .doesNotContainKeys("traceparent", "tracestate");
    }

    @Test
    void takesNoFieldOfABaggageForAHeaderOfItsOwn() {
        trace.written.put("tally-delay", "100000");

        Message message = published(new MessageObservations(registry(), "rocketmq"), OutgoingMessage.to("orders"));

        assertThat(message.headers().get("tally-delay")).isNull();
    }

    @Test
    void aPublishingThatIsRefusedIsAnError() {
        TestObservationRegistry registry = registry();
        MessagePublisher publisher = publisher(new MessageObservations(registry, "rocketmq"));

        assertThatThrownBy(() -> publisher.publish("orders", null, new Placed("1")))
                .isInstanceOf(IllegalTransactionStateException.class);

        assertThat(registry)
                .hasSingleObservationThat()
                .hasBeenStopped()
                .hasHighCardinalityKeyValue("error.type", IllegalTransactionStateException.class.getName());
        assertThat(registry).doesNotHaveAnyRemainingCurrentObservation();
    }

    @Test
    void takesTheNamesOfAConventionOfTheUsers() {
        TestObservationRegistry registry = registry();
        MessagePublishObservationConvention ours = new MessagePublishObservationConvention() {
            @Override
            public String getName() {
                return "our.publish";
            }

            @Override
            public KeyValues getLowCardinalityKeyValues(MessagePublishContext context) {
                return KeyValues.of(KeyValue.of("topic", context.destination().topic()));
            }
        };

        published(new MessageObservations(registry, "rocketmq", ours, null, null), OutgoingMessage.to("orders"));

        assertThat(registry)
                .hasSingleObservationThat()
                .hasNameEqualTo("our.publish")
                .hasLowCardinalityKeyValue("topic", "orders");
    }

    @Test
    void publishesWhereAnObservationFails() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStart(Observation.Context context) {
                throw new IllegalStateException("tracing is broken");
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });

        Message message = published(new MessageObservations(registry, "rocketmq"), OutgoingMessage.to("orders"));

        assertThat(message.headers().get("traceparent")).isNull();
        assertThat(registry.getCurrentObservation()).isNull();
    }

    @Test
    void addsNothingWhereNothingObserves() {
        Message message = published(MessageObservations.none(), OutgoingMessage.to("orders"));

        assertThat(message.headers().asMap()).containsOnlyKeys("tally-content-type");
    }
}
