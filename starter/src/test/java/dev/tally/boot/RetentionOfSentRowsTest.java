package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.IdempotentConsumer;
import dev.tally.message.Headers;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.message.PayloadUpcaster;
import dev.tally.outbox.OutboxArchive;
import dev.tally.publish.MessagePublisher;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** Sent rows are deleted or kept, and stored messages that nobody will be able to handle are told of. */
@ExtendWith(OutputCaptureExtension.class)
class RetentionOfSentRowsTest {

    private static final Duration SOON = Duration.ofSeconds(60);

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(
                    DataSourceAutoConfiguration.class,
                    DataSourceTransactionManagerAutoConfiguration.class,
                    JdbcTemplateAutoConfiguration.class,
                    TransactionAutoConfiguration.class,
                    JacksonAutoConfiguration.class))
            .withConfiguration(AutoConfigurations.of(AutoConfigurationTest.ours()))
            .withUserConfiguration(AutoConfigurationTest.FakeTransportConfiguration.class);

    @MessageType("order-placed")
    record Placed(String order) {}

    private static MessageId publish(ApplicationContext context) {
        AtomicReference<MessageId> id = new AtomicReference<>();
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status ->
                        id.set(context.getBean(MessagePublisher.class).publish("orders", null, new Placed("7"))));
        await().atMost(SOON)
                .until(() -> context.getBean(JdbcTemplate.class)
                                .queryForObject("SELECT COUNT(*) FROM tally_outbox", Long.class)
                        == 0);
        return id.get();
    }

    @Test
    void keepsWhatWasSentWhereThatIsAskedForAndPurgesItLater() {
        application
                .withPropertyValues(
                        "spring.datasource.generate-unique-name=true",
                        "tally.outbox.retention=archive",
                        "tally.outbox.archive-keep=1d",
                        "tally.jdbc.purge-interval=50ms")
                .run(context -> {
                    MessageId id = publish(context);
                    OutboxArchive archive = context.getBean(OutboxArchive.class);
                    assertThat(archive.find(id)).hasValueSatisfying(entry -> assertThat(
                                    new String(entry.message().payload(), java.nio.charset.StandardCharsets.UTF_8))
                            .contains("\"7\""));
                    context.getBean(JdbcTemplate.class)
                            .update("UPDATE tally_outbox_archive SET sent_at = DATEADD(HOUR, -25, sent_at)");
                    await().atMost(SOON).until(() -> archive.find(id).isEmpty());
                });
    }

    @Test
    void keepsNothingOtherwise() {
        application
                .withPropertyValues("spring.datasource.generate-unique-name=true")
                .run(context -> {
                    MessageId id = publish(context);
                    assertThat(context.getBean(OutboxArchive.class).find(id)).isEmpty();
                });
    }

    static class Stock {

        @IdempotentConsumer(topic = "orders", group = "stock")
        public void on(Placed placed) {}
    }

    static class FromCreated implements PayloadUpcaster {

        @Override
        public String from() {
            return "order-created";
        }

        @Override
        public String to() {
            return "order-placed";
        }

        @Override
        public JsonNode upcast(JsonNode payload, Headers headers) {
            return payload;
        }
    }

    @Test
    void tellsAtTheStartWhichStoredMessagesNobodyWillHandle(CapturedOutput output) {
        String url = "jdbc:h2:mem:stored" + System.identityHashCode(this) + ";DB_CLOSE_DELAY=-1";
        ApplicationContextRunner again =
                application.withPropertyValues("spring.datasource.url=" + url, "spring.datasource.username=sa");
        again.run(context -> {
            JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
            // Parked, so that nobody sends them meanwhile.
            for (String[] row : new String[][] {
                {"orders", "order-lost"},
                {"orders", "order-lost"},
                {"orders", "order-created"},
                {"orders", "order-placed"},
                {"elsewhere", "unknown-here"}
            }) {
                jdbc.update(
                        "INSERT INTO tally_outbox (owner, state, message_id, topic, type, payload)"
                                + " VALUES ('!parked', 'PARKED', 'm', ?, ?, X'00')",
                        row[0],
                        row[1]);
            }
            jdbc.update("UPDATE tally_outbox SET format = 9 WHERE type = 'order-placed'");
        });
        assertThat(output).doesNotContain("cannot be handled here");
        again.withBean(Stock.class).withBean(FromCreated.class).run(context -> assertThat(context)
                .hasNotFailed());
        assertThat(output.toString().lines().filter(line -> line.startsWith(" - ")))
                .hasSize(2)
                .anyMatch(line ->
                        line.startsWith(" - 2 of type 'order-lost' for topic 'orders': no handler of group stock"))
                .anyMatch(line ->
                        line.startsWith(" - 1 of type 'order-placed' for topic 'orders': written in row format 9"));
        again.withBean(Stock.class).run(context -> assertThat(context).hasNotFailed());
        assertThat(output).contains("1 of type 'order-created' for topic 'orders': no handler");
    }
}
