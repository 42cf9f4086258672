package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.impl.consumer.DefaultMQPushConsumerImpl;
import org.apache.rocketmq.client.impl.consumer.ProcessQueue;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A pull that is answered when its queue has gone to another member. */
class LatePullTest {

    private static final MessageQueue QUEUE = new MessageQueue("orders", "broker", 0);

    private final ExecutorService workers = Executors.newCachedThreadPool();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final List<String> handled = new CopyOnWriteArrayList<>();

    @AfterEach
    void shutDown() {
        workers.shutdownNow();
        timer.shutdownNow();
    }

    @Scenario("messaging-31")
    @Test
    void isDroppedBecauseWhatIsBeforeItWasDroppedAsWell() {
        DispatchedConsumption consumption = consumption();
        ProcessQueue gone = new ProcessQueue();
        gone.setDropped(true);
        consumption.submitConsumeRequest(messages("late"), gone, QUEUE, true);
        consumption.submitConsumeRequest(messages("of the queue that came back"), new ProcessQueue(), QUEUE, true);

        await().atMost(Duration.ofSeconds(60)).until(() -> handled.contains("of the queue that came back"));
        assertThat(handled).containsExactly("of the queue that came back");
    }

    private DispatchedConsumption consumption() {
        Subscription subscription = new Subscription("orders", "stock", "*", 1, true, 16);
        RocketMqSettings settings = RocketMqSettings.builder("127.0.0.1:1", "producers", "late-pull")
                .build();
        TopicConsumption topic = TopicConsumption.of(
                subscription,
                batch -> {
                    batch.forEach(received ->
                            handled.add(new String(received.message().payload(), StandardCharsets.UTF_8)));
                    return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
                },
                settings,
                workers,
                timer,
                DispatchEdges.real());
        return new DispatchedConsumption(
                new DefaultMQPushConsumerImpl(new DefaultMQPushConsumer("stock"), null),
                subscription,
                Map.of("orders", topic),
                new MessageTranslation(settings.maxMessageBytes()),
                new HandBack(null, null),
                null,
                workers,
                timer,
                System::nanoTime);
    }

    private static List<MessageExt> messages(String text) {
        MessageExt message = new MessageExt();
        message.setTopic("orders");
        message.setBody(text.getBytes(StandardCharsets.UTF_8));
        message.setMsgId(text);
        message.putUserProperty(MessageTranslation.ID, text.replace(' ', '-'));
        message.putUserProperty(MessageTranslation.KEY, "key");
        return new ArrayList<>(List.of(message));
    }
}
