package dev.tally.listeners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.testkit.scenario.Scenario;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.core.MessageBuilder;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.core.JmsTemplate;
import org.springframework.kafka.core.KafkaTemplate;

/** Listeners of other libraries over real brokers: a message that comes again takes effect once. */
class GuardedListenersTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @TempDir
    private static Path directory;

    private static Brokers brokers;
    private static ConfigurableApplicationContext application;

    @BeforeAll
    static void start() throws Exception {
        brokers = new Brokers(directory);
        Path script = java.nio.file.Files.writeString(
                directory.resolve("schema.sql"),
                "CREATE TABLE effect (listener VARCHAR(60) NOT NULL, what VARCHAR(255) NOT NULL);");
        application = new SpringApplicationBuilder(ListenersApplication.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.generate-unique-name=true",
                        "--spring.sql.init.schema-locations=" + script.toUri(),
                        "--rocketmq.name-server=" + brokers.rocketMq.address(),
                        "--rocketmq.producer.group=senders",
                        "--tally.rocketmq.close-timeout=1s",
                        "--test.kafka=" + brokers.kafka.getBrokersAsString(),
                        "--test.amqp=" + brokers.amqpPort);
    }

    @AfterAll
    static void stop() throws Exception {
        if (application != null) {
            application.close();
        }
        if (brokers != null) {
            brokers.close();
        }
    }

    private static List<String> effects(String listener) {
        return application
                .getBean(JdbcTemplate.class)
                .queryForList("SELECT what FROM effect WHERE listener = ?", String.class, listener);
    }

    /** The first call was answered with a failure, so there is a second one. */
    private static void assertHandledOnce(String listener, String group, String topic) {
        await().atMost(PATIENCE)
                .until(() -> application.getBean(AnswersLost.class).calls(listener) >= 2);
        assertThat(effects(listener)).containsExactly("text");
        assertThat(application.getBean(ListenersApplication.Recorded.class).duplicates)
                .contains(group + " of " + topic);
    }

    @Test
    @Scenario("messaging-23")
    void kafkaRecord() {
        application.getBean(KafkaTemplate.class).send("records", "text").join();
        assertHandledOnce("Records", "records", "records");
    }

    @Test
    void kafkaRecordAsSpringMessage() {
        application.getBean(KafkaTemplate.class).send("messages", "text").join();
        assertHandledOnce("Messages", "messages", "messages");
    }

    @Test
    void amqpMessage() {
        sendByAmqp("amqp");
        assertHandledOnce("Amqp", "amqp", "amqp");
    }

    @Test
    void amqpMessageInTheContainersTransaction() {
        sendByAmqp("amqp-tx");
        await().atMost(PATIENCE)
                .until(() -> application.getBean(AnswersLost.class).calls("AmqpInItsTransaction") >= 2);
        // The first call's transaction was the container's, which the lost answer rolled back; the second one's stands.
        await().atMost(PATIENCE).until(() -> !effects("AmqpInItsTransaction").isEmpty());
        assertThat(effects("AmqpInItsTransaction")).containsExactly("text");
    }

    private static void sendByAmqp(String queue) {
        application
                .getBean(RabbitTemplate.class)
                .send(
                        queue,
                        MessageBuilder.withBody("text".getBytes(StandardCharsets.UTF_8))
                                .setContentType("text/plain")
                                .setMessageId("id-of-" + queue)
                                .build());
    }

    @Test
    void jmsMessage() {
        application.getBean(JmsTemplate.class).convertAndSend("jms", "text");
        assertHandledOnce("Jms", "jms", "jms");
    }

    @Test
    void rocketMqMessage() {
        application.getBean(RocketMQTemplate.class).syncSend("rocketmq", "text");
        assertHandledOnce("RocketMq", "rocketmq", "rocketmq");
    }

    @Test
    void scheduledMethod() {
        ListenersApplication.Reports reports =
                (ListenersApplication.Reports) org.springframework.test.util.AopTestUtils.getUltimateTargetObject(
                        application.getBean(ListenersApplication.Reports.class));
        await().atMost(PATIENCE).until(() -> reports.runs.get() >= 5);
        assertThat(effects("Reports")).containsExactly("report");
    }
}
