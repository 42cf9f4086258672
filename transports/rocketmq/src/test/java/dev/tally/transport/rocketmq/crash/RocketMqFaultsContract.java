package dev.tally.transport.rocketmq.crash;

import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.TransportFaultsContract;
import dev.tally.transport.Transport;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract of faults at a broker in a process of its own, which is started once for all tests. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RocketMqFaultsContract extends TransportFaultsContract {

    private KillableBroker broker;
    private DefaultMQProducer foreigner;

    abstract KillableBroker launch(Launcher launcher, Path folder);

    @BeforeAll
    void start(@TempDir Path programs, @TempDir Path folder) throws MQClientException {
        broker = launch(new Launcher(programs), folder);
        foreigner = new DefaultMQProducer("foreigners");
        foreigner.setNamesrvAddr(broker.address());
        foreigner.setSendMsgTimeout(20_000);
        foreigner.start();
    }

    @AfterAll
    void stop() {
        foreigner.shutdown();
        broker.close();
    }

    @Override
    protected Transport openTransport(String service) {
        return new RocketMqTransport(RocketMqSettings.builder(
                        broker.address(), service, UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(5))
                .closeTimeout(Duration.ofSeconds(1))
                .orderedRetryDelay(Duration.ofMillis(200))
                .build());
    }

    @Override
    @SuppressWarnings("deprecation") // The admin tools that replace it bring the whole server side.
    protected void createTopic(String topic, int queues) {
        await().atMost(patience())
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .untilAsserted(() -> foreigner.createTopic("TBW102", topic, queues, Map.of()));
        await().atMost(patience())
                .ignoreExceptionsInstanceOf(MQClientException.class)
                .until(() -> foreigner.fetchPublishMessageQueues(topic).size() == queues);
    }

    @Override
    protected String deadLetterTopic(String topic, String group) {
        return "%DLQ%" + group;
    }

    @Override
    protected Message neverTaken(String topic) {
        return new Message(
                new MessageId("large-" + unique()),
                Destination.topic(topic),
                null,
                "t",
                Headers.empty(),
                new byte[5_000_000]);
    }

    @Override
    protected void sendForeign(String topic, @Nullable String key, Map<String, String> headers, byte[] payload) {
        var message = new org.apache.rocketmq.common.message.Message(topic, payload);
        if (key != null) {
            message.setKeys(key);
        }
        // The client itself takes no blank ones.
        headers.forEach((name, value) -> {
            if (!value.isBlank()) {
                message.putUserProperty(name, value);
            }
        });
        await().atMost(patience())
                .ignoreExceptions()
                .until(() -> foreigner.send(message).getMsgId() != null);
    }

    @Override
    protected InstantSource clock() {
        return InstantSource.system();
    }

    @Override
    protected Optional<BrokerProcess> process() {
        return Optional.of(new BrokerProcess() {
            @Override
            public void kill() {
                broker.kill();
            }

            @Override
            public void start() {
                broker.startAgain();
            }
        });
    }
}
