package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.consume.IdempotentConsumer;
import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.HalfMessages;
import dev.tally.half.TransactionLedger;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.message.PayloadCodec;
import dev.tally.publish.Settlement;
import dev.tally.publish.TransactionalPublisher;
import dev.tally.publish.Via;
import dev.tally.transport.rocketmq.RocketMqSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.spring.annotation.RocketMQMessageListener;
import org.apache.rocketmq.spring.annotation.RocketMQTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionState;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * One application that publishes by Tally's annotation, and sends half messages of its own by RocketMQ's template and a
 * listener of its own, at one name server.
 */
class RocketMqTemplateBesideTallyTest {

    @TempDir
    private static Path directory;

    private static Broker broker;
    private static ConfigurableApplicationContext application;

    @BeforeAll
    static void start() {
        broker = Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .checkImmunity(Duration.ofMillis(500))
                .checkInterval(Duration.ofMillis(500))
                .build());
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=jdbc:h2:mem:beside;DB_CLOSE_DELAY=-1",
                        "--tally.rocketmq.send-timeout=30s",
                        "--tally.rocketmq.close-timeout=1s",
                        "--tally.half-message.prepare-timeout=30s",
                        "--rocketmq.name-server=" + broker.address(),
                        "--rocketmq.producer.group=shop",
                        "--rocketmq.producer.send-message-timeout=30000");
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
        }
        broker.close();
    }

    @Test
    void tallyTakesOverNothing() {
        TransactionMQProducer producer = (TransactionMQProducer) application.getBean(DefaultMQProducer.class);
        RocketMQTemplate template = application.getBean(RocketMQTemplate.class);

        assertThat(application.getBeanNamesForType(DefaultMQProducer.class)).containsExactly("defaultMQProducer");
        assertThat(application.getBeanNamesForType(RocketMQTemplate.class)).containsExactly("rocketMQTemplate");
        assertThat(template.getProducer()).isSameAs(producer);
        assertThat(producer.getProducerGroup()).isEqualTo("shop");
        assertThat(producer.getTransactionListener().getClass().getName()).startsWith("org.apache.rocketmq.spring");
        assertThat(producer.getSendMsgTimeout()).isEqualTo(30_000);
        assertThat(application.getBean(RocketMqSettings.class).producerGroup()).isEqualTo("shop-tally");
    }

    @Test
    void bothCommitRollBackAndAreAskedEachForItself() {
        RocketMQTemplate template = application.getBean(RocketMQTemplate.class);
        Orders orders = application.getBean(Orders.class);
        String run = UUID.randomUUID().toString();

        orders.place("commit " + run);
        assertThatThrownBy(() -> orders.refuse("roll back " + run)).isInstanceOf(IllegalStateException.class);
        failTheCommit("roll back " + run);
        leaveUndecided("ask, commit " + run, true);
        leaveUndecided("ask, roll back " + run, false);
        for (String decision : List.of("commit", "roll back", "ask, commit", "ask, roll back")) {
            template.sendMessageInTransaction(
                    "by-template",
                    MessageBuilder.withPayload(decision + " " + run).build(),
                    null);
        }

        patiently().until(() -> application.getBean(FromTally.class).got.size() >= 2);
        patiently().until(() -> application.getBean(FromTemplate.class).got.size() >= 2);
        patiently().until(() -> broker.stats().undecided() == 0);
        assertThat(broker.stats().parked()).isZero();
        assertThat(application.getBean(FromTally.class).got)
                .containsExactlyInAnyOrder("commit " + run, "ask, commit " + run);
        assertThat(application.getBean(FromTemplate.class).got)
                .containsExactlyInAnyOrder("commit " + run, "ask, commit " + run);
        assertThat(application.getBean(Decider.class).asked)
                .contains("ask, commit " + run, "ask, roll back " + run)
                .allSatisfy(text -> assertThat(text).startsWith("ask, "));
        assertThat(application.getBean(Answers.class).given).contains(CheckBackAnswer.COMMIT, CheckBackAnswer.ROLLBACK);
    }

    /** As a transaction does whose commit fails, after the broker has its half message. */
    private static void failTheCommit(String orderId) {
        HalfMessagePath path = application.getBean(HalfMessagePath.class);
        Settlement settlement = transaction().execute(status -> {
            status.setRollbackOnly();
            return path.prepare(List.of(placed(orderId)));
        });
        Objects.requireNonNull(settlement).rolledBack();
    }

    /** As a process does that dies between the end of its transaction and telling the broker. */
    private static void leaveUndecided(String orderId, boolean committed) {
        String transactionId = UUID.randomUUID().toString();
        transaction().executeWithoutResult(status -> {
            application.getBean(TransactionLedger.class).recordCommitted(transactionId);
            application
                    .getBean(HalfMessages.class)
                    .prepare(transactionId, List.of(placed(orderId)))
                    .join();
            if (!committed) {
                status.setRollbackOnly();
            }
        });
    }

    private static TransactionTemplate transaction() {
        return new TransactionTemplate(application.getBean(PlatformTransactionManager.class));
    }

    private static Message placed(String orderId) {
        PayloadCodec codec = application.getBean(PayloadCodec.class);
        return new Message(
                new MessageId(UUID.randomUUID().toString()),
                Destination.topic("by-tally"),
                orderId,
                "beside-placed",
                Headers.empty().with(Headers.CONTENT_TYPE, codec.contentType()),
                codec.encode(new Placed(orderId)));
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    @MessageType("beside-placed")
    record Placed(String orderId) {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    @Import({Orders.class, FromTally.class, FromTemplate.class, Decider.class, Answers.class})
    static class Application {}

    static class Orders {

        @TransactionalPublisher(topic = "by-tally", key = "#id", via = Via.HALF_MESSAGE)
        public Placed place(String id) {
            return new Placed(id);
        }

        @TransactionalPublisher(topic = "by-tally", key = "#id", via = Via.HALF_MESSAGE)
        public Placed refuse(String id) {
            throw new IllegalStateException("no order " + id);
        }
    }

    static class FromTally {

        final List<String> got = new CopyOnWriteArrayList<>();

        @IdempotentConsumer(topic = "by-tally", group = "from-tally")
        public void placed(Placed placed) {
            got.add(placed.orderId());
        }
    }

    @RocketMQMessageListener(topic = "by-template", consumerGroup = "from-template")
    static class FromTemplate implements RocketMQListener<String> {

        final List<String> got = new CopyOnWriteArrayList<>();

        @Override
        public void onMessage(String text) {
            got.add(text);
        }
    }

    /** Counts what Tally answered. */
    static class Answers implements HalfMessageListener {

        final List<CheckBackAnswer> given = new CopyOnWriteArrayList<>();

        @Override
        public void checkedBack(CheckBackAnswer answer) {
            given.add(answer);
        }
    }

    @RocketMQTransactionListener
    static class Decider implements RocketMQLocalTransactionListener {

        final List<String> asked = new CopyOnWriteArrayList<>();

        @Override
        public RocketMQLocalTransactionState executeLocalTransaction(
                org.springframework.messaging.Message message, Object argument) {
            String text = text(message);
            return text.startsWith("commit")
                    ? RocketMQLocalTransactionState.COMMIT
                    : text.startsWith("roll back")
                            ? RocketMQLocalTransactionState.ROLLBACK
                            : RocketMQLocalTransactionState.UNKNOWN;
        }

        @Override
        public RocketMQLocalTransactionState checkLocalTransaction(org.springframework.messaging.Message message) {
            asked.add(text(message));
            return text(message).startsWith("ask, commit")
                    ? RocketMQLocalTransactionState.COMMIT
                    : RocketMQLocalTransactionState.ROLLBACK;
        }

        private static String text(org.springframework.messaging.Message<?> message) {
            return message.getPayload() instanceof byte[] bytes
                    ? new String(bytes, StandardCharsets.UTF_8)
                    : message.getPayload().toString();
        }
    }
}
