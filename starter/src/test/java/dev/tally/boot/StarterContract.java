package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.boot.OrderApplication.OrderPlaced;
import dev.tally.boot.OrderApplication.Orders;
import dev.tally.boot.OrderApplication.OutOfStockException;
import dev.tally.boot.OrderApplication.Stock;
import dev.tally.consume.InboxStore;
import dev.tally.half.TransactionLedger;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.PayloadCodec;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Transport;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.JdbcTemplate;

/** An application with the starter, a broker inside of it, and a real database: from a method's return to an effect. */
@SpringBootTest(
        classes = OrderApplication.class,
        webEnvironment = SpringBootTest.WebEnvironment.NONE,
        properties = {
            "spring.application.name=order service",
            "spring.jpa.hibernate.ddl-auto=update",
            "spring.jpa.open-in-view=false",
            "spring.sql.init.mode=always",
            "spring.sql.init.schema-locations=classpath:order-application.sql",
            "tally.jdbc.initialize-schema=always",
            "tally.rocketmq.close-timeout=1s"
        })
@Import(StarterContract.Meters.class)
abstract class StarterContract {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @Autowired
    private Orders orders;

    @Autowired
    private Stock stock;

    @Autowired
    private JdbcTemplate jdbc;

    @Autowired
    private Transport transport;

    @Autowired
    private PayloadCodec codec;

    @Autowired
    private MeterRegistry meters;

    @Autowired
    private HealthIndicator tallyHealthIndicator;

    private final String id = UUID.randomUUID().toString();

    @TestConfiguration
    static class Meters {

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }

    @BeforeEach
    void forgetEarlierOrders() {
        stock.seen.clear();
    }

    @Test
    void consumesOnceWhatAnAnnotatedMethodReturnedThroughTheOutbox() {
        OrderPlaced placed = orders.placeThroughOutbox(id, 3);

        assertThat(placed).isEqualTo(new OrderPlaced(id, 3));
        awaitReserved(id);
        assertThat(count("SELECT count(*) FROM audit WHERE order_id = ?", id)).isEqualTo(1);
        patiently().until(() -> countAll("tally_outbox") == 0);
        assertThat(meters.get("tally.outbox.sent")
                        .tag("topic", "orders")
                        .counter()
                        .count())
                .isPositive();
    }

    @Test
    void consumesOnceWhatAnAnnotatedMethodReturnedAsAHalfMessage() {
        double preparedBefore = meterOf("tally.half.prepared");
        double committedBefore = meterOf("tally.half.committed");

        orders.placeThroughHalfMessage(id, 4);

        awaitReserved(id);
        assertThat(meterOf("tally.half.prepared")).isEqualTo(preparedBefore + 1);
        assertThat(meterOf("tally.half.committed")).isEqualTo(committedBefore + 1);
    }

    @Test
    void publishesNothingOfATransactionThatRollsBack() {
        orders.take("taken");
        assertThatThrownBy(() -> orders.failAfterPlacing(id)).isInstanceOf(OutOfStockException.class);
        assertThatThrownBy(() -> orders.failTheCommit("half-" + id))
                .isInstanceOf(DataIntegrityViolationException.class);

        String marker = "marker-" + id;
        orders.placeThroughOutbox(marker, 1);
        awaitReserved(marker);

        assertThat(stock.seen).containsOnly(marker);
        assertThat(count("SELECT count(*) FROM audit WHERE order_id = ?", id)).isZero();
    }

    @Test
    void absorbsAMessageThatIsSentTwice() {
        MessageId messageId = new MessageId(UUID.randomUUID().toString());
        Message message = new Message(
                messageId,
                Destination.topic("orders"),
                id,
                "order-placed",
                Headers.empty().with(Headers.CONTENT_TYPE, codec.contentType()),
                codec.encode(new OrderPlaced(id, 5)));

        for (int i = 0; i < 2; i++) {
            transport.send(List.of(message)).forEach(outcome -> assertThat(outcome.join())
                    .isInstanceOf(SendOutcome.Sent.class));
        }

        patiently()
                .until(() -> meters.find("tally.inbox.duplicates")
                                        .tag("group", "stock")
                                        .counter()
                                != null
                        && meters.get("tally.inbox.duplicates")
                                        .tag("group", "stock")
                                        .counter()
                                        .count()
                                >= 1);
        assertThat(count("SELECT count(*) FROM reserved WHERE message_id = ?", messageId.value()))
                .isEqualTo(1);
    }

    @Test
    void isHealthyAndSaysWhatItKnows(@Autowired OutboxRelay relay) {
        Health health = tallyHealthIndicator.health();

        assertThat(health.getStatus()).isEqualTo(Status.UP);
        assertThat(health.getDetails()).containsEntry("brokerReachable", true).containsKeys("pending", "parked");
        assertThat(relay.stats().rowsParked()).isZero();
    }

    @Test
    void storesAreThereToBeUsedDirectly(@Autowired InboxStore inbox, @Autowired TransactionLedger ledger) {
        assertThat(inbox.purge(Duration.ofDays(1), 10)).isZero();
        assertThat(ledger.purge(Duration.ofDays(1), 10)).isZero();
    }

    private double meterOf(String name) {
        return meters.find(name).counter() == null
                ? 0
                : meters.get(name).counter().count();
    }

    private void awaitReserved(String orderId) {
        patiently().until(() -> count("SELECT count(*) FROM reserved WHERE order_id = ?", orderId) == 1);
    }

    private long count(String sql, Object argument) {
        Long found = jdbc.queryForObject(sql, Long.class, argument);
        return found == null ? 0 : found;
    }

    private long countAll(String table) {
        Long found = jdbc.queryForObject("SELECT count(*) FROM " + table, Long.class);
        return found == null ? 0 : found;
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }
}
