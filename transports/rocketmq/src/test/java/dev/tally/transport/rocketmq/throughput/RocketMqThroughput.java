package dev.tally.transport.rocketmq.throughput;

import dev.tally.broker.Broker;
import dev.tally.broker.BrokerConfig;
import dev.tally.message.Message;
import dev.tally.testkit.throughput.SendThroughput;
import dev.tally.testkit.throughput.Sender;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import dev.tally.transport.rocketmq.real.RealRocketMq;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendCallback;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.client.producer.selector.SelectMessageQueueByHash;
import org.jspecify.annotations.Nullable;

/**
 * Sends to a broker of RocketMQ's protocol in this process, by the transport or by the bare client, and prints how many
 * messages were confirmed in a second.
 */
final class RocketMqThroughput {

    private static final String TOPIC = "throughput";
    private static final int QUEUES = 8;
    private static final int TIMEOUT_MILLIS = 20_000;

    private RocketMqThroughput() {}

    /** Takes {@code tally} or {@code bare}, a folder, milliseconds of warm-up and of the window, {@code broker} or {@code rocketmq}. */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        String address = arguments[4].equals("broker")
                ? Broker.start(BrokerConfig.builder(folder).build()).address()
                : RealRocketMq.start(folder).nameServerAddress();
        DefaultMQProducer producer = producer(address);
        Sender sender;
        if (arguments[0].equals("tally")) {
            sender = Sender.of(new RocketMqTransport(RocketMqSettings.builder(address, "senders", "senders-1")
                    .sendTimeout(Duration.ofMillis(TIMEOUT_MILLIS))
                    .build()));
        } else {
            sender = (batch, ended) -> bare(producer, batch, ended);
        }
        double perSecond = new SendThroughput(TOPIC, System::nanoTime)
                .perSecond(
                        sender,
                        Duration.ofMillis(Long.parseLong(arguments[2])),
                        Duration.ofMillis(Long.parseLong(arguments[3])));
        System.out.println("confirmed/s=" + perSecond);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    @SuppressWarnings("deprecation") // The admin tools that replace it bring the whole server side.
    private static DefaultMQProducer producer(String address) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer("bare-senders");
        producer.setNamesrvAddr(address);
        producer.setSendMsgTimeout(TIMEOUT_MILLIS);
        producer.setRetryTimesWhenSendAsyncFailed(0);
        producer.start();
        producer.createTopic("TBW102", TOPIC, QUEUES, Map.of());
        return producer;
    }

    private static void bare(DefaultMQProducer producer, List<Message> batch, Consumer<@Nullable String> ended) {
        for (Message message : batch) {
            var wire = new org.apache.rocketmq.common.message.Message(TOPIC, message.payload());
            wire.setKeys(message.key());
            try {
                producer.send(wire, new SelectMessageQueueByHash(), message.key(), new SendCallback() {
                    @Override
                    public void onSuccess(SendResult result) {
                        ended.accept(null);
                    }

                    @Override
                    public void onException(Throwable failure) {
                        ended.accept(failure.toString());
                    }
                });
            } catch (Exception e) {
                ended.accept(e.toString());
            }
        }
    }
}
