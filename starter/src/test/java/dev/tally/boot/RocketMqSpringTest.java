package dev.tally.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.SendStatus;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.spring.annotation.ConsumeMode;
import org.apache.rocketmq.spring.annotation.MessageModel;
import org.apache.rocketmq.spring.annotation.RocketMQMessageListener;
import org.apache.rocketmq.spring.annotation.RocketMQTransactionListener;
import org.apache.rocketmq.spring.annotation.SelectorType;
import org.apache.rocketmq.spring.autoconfigure.RocketMQAutoConfiguration;
import org.apache.rocketmq.spring.core.RocketMQListener;
import org.apache.rocketmq.spring.core.RocketMQLocalRequestCallback;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionState;
import org.apache.rocketmq.spring.core.RocketMQReplyListener;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;

/** An application of RocketMQ's own Spring Boot starter, with nothing of ours in it but the broker it talks to. */
class RocketMqSpringTest {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final long TIMEOUT_MILLIS = 60_000;

    @TempDir
    private static Path directory;

    private static Broker broker;
    private static ConfigurableApplicationContext application;
    private static RocketMQTemplate template;

    @BeforeAll
    static void start() {
        broker = Broker.start(BrokerConfig.builder(directory.resolve("data"))
                .checkImmunity(Duration.ofMillis(500))
                .checkInterval(Duration.ofMillis(500))
                .build());
        application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--rocketmq.name-server=" + broker.address(),
                        "--rocketmq.producer.group=senders",
                        "--rocketmq.producer.send-message-timeout=30000");
        template = application.getBean(RocketMQTemplate.class);
    }

    @AfterAll
    static void stop() {
        if (application != null) {
            application.close();
        }
        broker.close();
    }

    private static <T extends Received> T listener(Class<T> type) {
        return application.getBean(type);
    }

    private static void assertGets(Received listener, String... texts) {
        await().atMost(PATIENCE).until(() -> listener.got.size() >= texts.length);
        assertThat(listener.got).containsExactlyInAnyOrder(texts);
    }

    @Test
    void sendsInEveryWayAndAListenerGetsItAll() throws Exception {
        assertThat(template.syncSend("ways", "sync").getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        CompletableFuture<SendResult> async = new CompletableFuture<>();
        template.asyncSend("ways", "async", new SendCallback() {
            @Override
            public void onSuccess(SendResult result) {
                async.complete(result);
            }

            @Override
            public void onException(Throwable e) {
                async.completeExceptionally(e);
            }
        });
        assertThat(async.get(90, TimeUnit.SECONDS).getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        template.sendOneWay("ways", "one way");
        template.convertAndSend("ways", "converted");
        List<Message<String>> batch = List.of(
                MessageBuilder.withPayload("batched").build(),
                MessageBuilder.withPayload("batched too").build());
        assertThat(template.syncSend("ways", batch).getSendStatus()).isEqualTo(SendStatus.SEND_OK);
        assertThat(template.syncSendDelayTimeMills("ways", "delayed", 1_500).getSendStatus())
                .isEqualTo(SendStatus.SEND_OK);
        assertThat(template.syncSend(
                                "ways", MessageBuilder.withPayload("by level").build(), TIMEOUT_MILLIS, 1)
                        .getSendStatus())
                .isEqualTo(SendStatus.SEND_OK);

        assertGets(
                listener(Everything.class),
                "sync",
                "async",
                "one way",
                "converted",
                "batched",
                "batched too",
                "delayed",
                "by level");
    }

    @Test
    void deliversTheMessagesOfAKeyInOrder() {
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            for (String key : List.of("a", "b", "c")) {
                template.syncSendOrderly("ordered", key + i, key);
                sent.add(key + i);
            }
        }
        Ordered listener = listener(Ordered.class);
        await().atMost(PATIENCE).until(() -> listener.got.size() >= sent.size());
        for (String key : List.of("a", "b", "c")) {
            assertThat(listener.got)
                    .filteredOn(text -> text.startsWith(key))
                    .containsExactlyElementsOf(
                            IntStream.range(0, 30).mapToObj(i -> key + i).toList());
        }
    }

    @Test
    void givesEachListenerWhatItSelects() {
        for (int i = 0; i < 6; i++) {
            template.syncSend(
                    "selected:" + List.of("red", "green", "blue").get(i % 3),
                    MessageBuilder.withPayload("m" + i).setHeader("size", i).build());
        }
        assertGets(listener(Tagged.class), "m0", "m1", "m3", "m4");
        assertGets(listener(Sql.class), "m3", "m4");
    }

    @Test
    void givesABroadcastMessageToEachListener() {
        await().atMost(PATIENCE).until(() -> {
            template.syncSend("broadcast", "hello");
            return !listener(FirstWatcher.class).got.isEmpty()
                    && !listener(SecondWatcher.class).got.isEmpty();
        });
        assertThat(listener(FirstWatcher.class).got).containsOnly("hello");
        assertThat(listener(SecondWatcher.class).got).containsOnly("hello");
    }

    @Test
    void deliversAFailedMessageAgain() {
        template.syncSend("failing", "fails once");
        assertGets(listener(FailsOnce.class), "fails once/0", "fails once/1");
    }

    @Test
    void deliversWhatATransactionCommittedAtOnceOrWhenAsked() {
        for (String text : List.of("commit", "roll back", "ask, commit", "ask, roll back")) {
            assertThat(template.sendMessageInTransaction(
                                    "decided", MessageBuilder.withPayload(text).build(), "argument of " + text)
                            .getLocalTransactionState())
                    .isEqualTo(
                            switch (text) {
                                case "commit" -> LocalTransactionState.COMMIT_MESSAGE;
                                case "roll back" -> LocalTransactionState.ROLLBACK_MESSAGE;
                                default -> LocalTransactionState.UNKNOW;
                            });
        }
        await().atMost(PATIENCE)
                .until(() -> broker.stats().rolledBackByProducer() >= 1
                        && listener(Decided.class).got.size() >= 2);
        assertGets(listener(Decided.class), "commit", "ask, commit");
        assertThat(Decider.ARGUMENTS).contains("argument of commit", "argument of roll back");
    }

    @Test
    void bringsTheReplyOfAListener() throws Exception {
        String reply = template.sendAndReceive("questions", "how much?", String.class, TIMEOUT_MILLIS);
        assertThat(reply).isEqualTo("re: how much?");

        CompletableFuture<String> answer = new CompletableFuture<>();
        template.sendAndReceive(
                "questions",
                "how many?",
                new RocketMQLocalRequestCallback<String>() {
                    @Override
                    public void onSuccess(String message) {
                        answer.complete(message);
                    }

                    @Override
                    public void onException(Throwable e) {
                        answer.completeExceptionally(e);
                    }
                },
                TIMEOUT_MILLIS);
        assertThat(answer.get(90, TimeUnit.SECONDS)).isEqualTo("re: how many?");
    }

    /** The application, as its users write it. */
    @SpringBootConfiguration
    @ImportAutoConfiguration(RocketMQAutoConfiguration.class)
    @Import({
        Everything.class,
        Ordered.class,
        Tagged.class,
        Sql.class,
        FirstWatcher.class,
        SecondWatcher.class,
        FailsOnce.class,
        Decider.class,
        Decided.class,
        Replier.class
    })
    static class Application {}

    /** A listener that keeps what it gets. */
    abstract static class Received {
        final List<String> got = new CopyOnWriteArrayList<>();
    }

    /** One of texts. */
    abstract static class Texts extends Received implements RocketMQListener<String> {
        @Override
        public void onMessage(String text) {
            got.add(text);
        }
    }

    @RocketMQMessageListener(topic = "ways", consumerGroup = "everything")
    static class Everything extends Texts {}

    @RocketMQMessageListener(topic = "ordered", consumerGroup = "ordered", consumeMode = ConsumeMode.ORDERLY)
    static class Ordered extends Texts {}

    @RocketMQMessageListener(topic = "selected", consumerGroup = "tagged", selectorExpression = "red || green")
    static class Tagged extends Texts {}

    @RocketMQMessageListener(
            topic = "selected",
            consumerGroup = "sql",
            selectorType = SelectorType.SQL92,
            selectorExpression = "size BETWEEN 2 AND 4 AND TAGS <> 'blue'")
    static class Sql extends Texts {}

    @RocketMQMessageListener(
            topic = "broadcast",
            consumerGroup = "watchers",
            messageModel = MessageModel.BROADCASTING,
            instanceName = "first")
    static class FirstWatcher extends Texts {}

    @RocketMQMessageListener(
            topic = "broadcast",
            consumerGroup = "watchers",
            messageModel = MessageModel.BROADCASTING,
            instanceName = "second")
    static class SecondWatcher extends Texts {}

    @RocketMQMessageListener(topic = "decided", consumerGroup = "decided")
    static class Decided extends Texts {}

    @RocketMQMessageListener(topic = "failing", consumerGroup = "failing", delayLevelWhenNextConsume = 1)
    static class FailsOnce extends Received implements RocketMQListener<MessageExt> {

        @Override
        public void onMessage(MessageExt message) {
            got.add(new String(message.getBody(), StandardCharsets.UTF_8) + "/" + message.getReconsumeTimes());
            if (message.getReconsumeTimes() == 0) {
                throw new IllegalStateException("The first time fails");
            }
        }
    }

    @RocketMQMessageListener(topic = "questions", consumerGroup = "repliers")
    static class Replier implements RocketMQReplyListener<String, String> {
        @Override
        public String onMessage(String question) {
            return "re: " + question;
        }
    }

    @RocketMQTransactionListener
    static class Decider implements RocketMQLocalTransactionListener {

        static final List<Object> ARGUMENTS = new CopyOnWriteArrayList<>();

        @Override
        public RocketMQLocalTransactionState executeLocalTransaction(Message message, Object argument) {
            ARGUMENTS.add(argument);
            return switch (text(message)) {
                case "commit" -> RocketMQLocalTransactionState.COMMIT;
                case "roll back" -> RocketMQLocalTransactionState.ROLLBACK;
                default -> RocketMQLocalTransactionState.UNKNOWN;
            };
        }

        @Override
        public RocketMQLocalTransactionState checkLocalTransaction(Message message) {
            return text(message).endsWith("commit")
                    ? RocketMQLocalTransactionState.COMMIT
                    : RocketMQLocalTransactionState.ROLLBACK;
        }

        private static String text(Message<?> message) {
            return message.getPayload() instanceof byte[] bytes
                    ? new String(bytes, StandardCharsets.UTF_8)
                    : message.getPayload().toString();
        }
    }
}
