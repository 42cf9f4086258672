package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.gruelbox.transactionoutbox.TransactionOutbox;
import dev.tally.message.Message;
import dev.tally.message.MessageType;
import dev.tally.outbox.bridge.BridgeMapping;
import dev.tally.outbox.bridge.BridgeMode;
import dev.tally.outbox.bridge.BridgeState;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.bridge.RecordedCall;
import dev.tally.testkit.RecordingTransport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Bridges in an application: off, watching, draining, and refused. */
class BridgesTest {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String EXTERNALIZER =
            "org.springframework.modulith.events.support.DelegatingEventExternalizer.externalize(java.lang.Object)";
    private static final String DRAIN_CALLS = "tally.outbox.bridge.transaction-outbox.mode=drain";

    private String url;
    private JdbcTemplate jdbc;
    private ApplicationContextRunner application;

    @BeforeEach
    void createTables() {
        url = "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
        jdbc = new JdbcTemplate(new DriverManagerDataSource(url, "sa", ""));
        jdbc.execute(
                "CREATE TABLE TXNO_OUTBOX (id VARCHAR(36) PRIMARY KEY, invocation TEXT, nextAttemptTime TIMESTAMP(6),"
                        + " attempts INT, blocked BOOLEAN, version INT, processed BOOLEAN)");
        jdbc.execute("CREATE TABLE event_publication (id UUID PRIMARY KEY, listener_id VARCHAR(512), event_type"
                + " VARCHAR(512), serialized_event VARCHAR(4000), publication_date TIMESTAMP(9) WITH TIME ZONE,"
                + " completion_date TIMESTAMP(9) WITH TIME ZONE)");
        application = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        DataSourceAutoConfiguration.class,
                        DataSourceTransactionManagerAutoConfiguration.class,
                        JdbcTemplateAutoConfiguration.class,
                        TransactionAutoConfiguration.class,
                        JacksonAutoConfiguration.class))
                .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.ours()))
                .withUserConfiguration(TransportConfiguration.class)
                .withPropertyValues(
                        "spring.datasource.url=" + url,
                        "tally.outbox.bridge.interval=50ms",
                        "tally.outbox.bridge.quiet-period=0s");
    }

    @AfterEach
    void dropTables() {
        jdbc.execute("SHUTDOWN");
    }

    @Configuration(proxyBeanMethods = false)
    static class TransportConfiguration {

        @Bean
        RecordingTransport transport() {
            return new RecordingTransport();
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class CallMapping {

        @Bean
        TallyBridgeMapping calls() {
            return TallyBridgeMapping.of(
                    "transaction-outbox",
                    row -> BridgeMapping.deliver(row.toMessage(
                            "orders",
                            row.key(),
                            "order-placed",
                            RecordedCall.of(row).argument(0).asString())));
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class OldRelay {

        @Bean
        TransactionOutbox transactionOutbox() {
            return new TransactionOutbox() {};
        }
    }

    @MessageType("order-shipped")
    record OrderShipped(String orderId) {}

    private void call(String orderId) {
        jdbc.update(
                "INSERT INTO TXNO_OUTBOX VALUES (?, ?, TIMESTAMP '2024-01-01 00:00:00', 0, FALSE, 0, FALSE)",
                UUID.randomUUID().toString(),
                "{\"c\":\"Mailer\",\"m\":\"send\",\"p\":[\"String\"],\"a\":[{\"t\":\"String\",\"v\":\"" + orderId
                        + "\"}]}");
    }

    private void event(String listener, String type, String json) {
        jdbc.update(
                "INSERT INTO event_publication VALUES (?, ?, ?, ?, TIMESTAMP WITH TIME ZONE '2024-01-01 00:00:00Z', NULL)",
                UUID.randomUUID(),
                listener,
                type,
                json);
    }

    private static String payload(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    @Test
    void thereIsNoneUnlessItIsConfigured() {
        application.run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(OutboxBridges.class));
        application
                .withPropertyValues("tally.outbox.bridge.modulith.mode=off")
                .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(OutboxBridges.class));
    }

    @Test
    void drainsAndDeliversAndCounts() {
        call("o1");
        call("o2");
        application
                .withUserConfiguration(CallMapping.class)
                .withBean(SimpleMeterRegistry.class)
                .withPropertyValues(DRAIN_CALLS)
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    RecordingTransport transport = context.getBean(RecordingTransport.class);
                    await().atMost(SOON).untilAsserted(() -> assertThat(transport.sent())
                            .extracting(BridgesTest::payload)
                            .containsExactlyInAnyOrder("o1", "o2"));
                    OutboxBridge bridge =
                            context.getBean(OutboxBridges.class).iterator().next();
                    await().atMost(SOON).until(() -> bridge.progress().state() == BridgeState.DRAINED);
                    MeterRegistry registry = context.getBean(MeterRegistry.class);
                    context.getBean("tallyBridgeGauges", MeterBinder.class).bindTo(registry);
                    assertThat(registry.get("tally.outbox.bridge.rows")
                                    .tag("bridge", "transaction-outbox")
                                    .tag("outcome", "taken")
                                    .counter()
                                    .count())
                            .isEqualTo(2);
                    assertThat(registry.get("tally.outbox.bridge.waiting")
                                    .gauge()
                                    .value())
                            .isZero();
                    assertThat(registry.get("tally.outbox.bridge.left").gauge().value())
                            .isZero();
                    assertThat(registry.get("tally.outbox.bridge.oldest")
                                    .timeGauge()
                                    .value())
                            .isZero();
                });
    }

    @Test
    void takesExternalizedEventsByTheTopicsOfTheirTypes() {
        event(EXTERNALIZER, "com.acme.Outer$OrderPlaced", "{\"orderId\":\"o1\"}");
        event(EXTERNALIZER, OrderShipped.class.getName(), "{\"orderId\":\"o2\"}");
        event("com.acme.Listener.on(com.acme.OrderPlaced)", "com.acme.OrderPlaced", "{\"orderId\":\"in-process\"}");
        application
                .withPropertyValues(
                        "tally.outbox.bridge.modulith.mode=drain",
                        "tally.outbox.bridge.modulith.topics.[com.acme.Outer$OrderPlaced]=orders",
                        "tally.outbox.bridge.modulith.topics.[" + OrderShipped.class.getName() + "]=shipping")
                .run(context -> {
                    RecordingTransport transport = context.getBean(RecordingTransport.class);
                    await().atMost(SOON).untilAsserted(() -> assertThat(transport.sent())
                            .extracting(message ->
                                    message.destination().topic() + " " + message.type() + " " + payload(message))
                            .containsExactlyInAnyOrder(
                                    "orders OrderPlaced {\"orderId\":\"o1\"}",
                                    "shipping order-shipped {\"orderId\":\"o2\"}"));
                    OutboxBridge bridge = context.getBean(OutboxBridges.class)
                            .named("modulith")
                            .orElseThrow();
                    assertThat(bridge.progress().ofOthers()).isEqualTo(1);
                });
    }

    /** The class has another name by now, or none at all: rows have the old one, messages the logical one. */
    @Test
    void namesTheLogicalTypeOfAClassThatIsGone() {
        event(EXTERNALIZER, "com.acme.old.OrderPlacedEvent", "{\"orderId\":\"o1\"}");
        application
                .withPropertyValues(
                        "tally.outbox.bridge.modulith.mode=drain",
                        "tally.outbox.bridge.modulith.topics.[com.acme.old.OrderPlacedEvent]=orders",
                        "tally.outbox.bridge.modulith.types.[com.acme.old.OrderPlacedEvent]=order-placed")
                .run(context -> {
                    RecordingTransport transport = context.getBean(RecordingTransport.class);
                    await().atMost(SOON).untilAsserted(() -> assertThat(transport.sent())
                            .extracting(message -> message.destination().topic() + " " + message.type())
                            .containsExactly("orders order-placed"));
                });
    }

    @Test
    void refusesATypeThatHasNoTopic() {
        application
                .withPropertyValues(
                        "tally.outbox.bridge.modulith.mode=watch",
                        "tally.outbox.bridge.modulith.types.[com.acme.Typo]=order-placed")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tally.outbox.bridge.modulith.types")
                        .hasMessageContaining("com.acme.Typo"));
    }

    @Test
    void watchesWithoutAMappingAndBesideTheOldRelay() {
        call("o1");
        application
                .withUserConfiguration(OldRelay.class)
                .withPropertyValues("tally.outbox.bridge.transaction-outbox.mode=watch")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    OutboxBridge bridge =
                            context.getBean(OutboxBridges.class).iterator().next();
                    assertThat(bridge.mode()).isEqualTo(BridgeMode.WATCH);
                    await().atMost(SOON).until(() -> bridge.progress().state() == BridgeState.WATCHING);
                    assertThat(bridge.progress().rowsWaiting()).isEqualTo(1);
                    assertThat(context.getBean(RecordingTransport.class).sent()).isEmpty();
                });
    }

    @Test
    void refusesToDrainWithoutAMappingOfCalls() {
        application.withPropertyValues(DRAIN_CALLS).run(context -> assertThat(context)
                .getFailure()
                .rootCause()
                .hasMessageContaining("Cannot drain transaction-outbox")
                .hasMessageContaining("TallyBridgeMapping"));
    }

    @Test
    void refusesToDrainAllHandlersOfNamastackWithOneMapping() {
        application
                .withPropertyValues("tally.outbox.bridge.namastack.mode=drain")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("tally.outbox.bridge.namastack.handlers"));
    }

    @Test
    void refusesToDrainWhatThisApplicationStillRelays() {
        call("o1");
        application
                .withUserConfiguration(CallMapping.class, OldRelay.class)
                .withPropertyValues(DRAIN_CALLS)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("com.gruelbox.transactionoutbox.TransactionOutbox")
                        .hasMessageContaining("delivered twice"));
        assertThat(jdbc.queryForObject("SELECT COUNT(*) FROM tally_outbox", Long.class))
                .isZero();
    }
}
