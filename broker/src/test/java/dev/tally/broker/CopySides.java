package dev.tally.broker;

import dev.tally.broker.protocol.MessageEncoding;
import dev.tally.broker.protocol.WireMessage;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.store.TopicConfig;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageQueue;
import picocli.CommandLine;

/** Two brokers, and the command that copies from one to the other. */
final class CopySides implements AutoCloseable {

    /** Each broker writes them itself. */
    private static final Set<String> BY_BROKERS = Set.of("MSG_REGION", "TRACE_ON", "WAIT");

    final Path directory;
    final Broker source;
    Broker target;
    String out = "";
    String err = "";

    CopySides(Path directory, BrokerConfig.Builder source, BrokerConfig.Builder target) {
        this.directory = directory;
        this.source = Broker.start(source.build());
        this.target = Broker.start(target.build());
    }

    CopySides(Path directory) {
        this(directory, BrokerConfig.builder(directory.resolve("source")), target(directory));
    }

    static BrokerConfig.Builder target(Path directory) {
        return BrokerConfig.builder(directory.resolve("target")).autoCreateTopics(false);
    }

    Path state() {
        return directory.resolve("copy.json");
    }

    static void createTopic(Broker broker, String topic, int queues) {
        broker.store().saveTopic(new TopicConfig(topic, queues, queues, 6, 0)).join();
    }

    /** Runs {@code copy} between the two with more options. */
    int copy(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "copy",
                "--from",
                source.address(),
                "--to",
                target.address(),
                "--state",
                state().toString(),
                "--timeout",
                "60"));
        arguments.addAll(List.of(more));
        return run(arguments);
    }

    int run(List<String> arguments) {
        StringWriter outText = new StringWriter();
        StringWriter errText = new StringWriter();
        CommandLine line = BrokerMain.commandLine();
        line.setOut(new PrintWriter(outText, true)).setErr(new PrintWriter(errText, true));
        int code = line.execute(arguments.toArray(String[]::new));
        out = outText.toString();
        err = errText.toString();
        return code;
    }

    static Message numbered(String topic, int number) {
        Message message = new Message(
                topic, "tag-" + number % 3, "key-" + number, ("m" + number).getBytes(StandardCharsets.UTF_8));
        message.putUserProperty("number", Integer.toString(number));
        message.setFlag(number);
        return message;
    }

    static void send(DefaultMQProducer producer, Broker to, String topic, int queues, int first, int count)
            throws Exception {
        for (int i = first; i < first + count; i++) {
            producer.send(numbered(topic, i), new MessageQueue(topic, "tally", i % queues), 30_000);
        }
    }

    /** Everything of a message that a copy must keep. */
    record Kept(int queue, int flag, long born, int reconsumeTimes, String body, Map<String, String> properties) {}

    static List<Kept> kept(Broker broker, String topic, int queue) {
        List<Kept> all = new ArrayList<>();
        long next = broker.store().minOffset(topic, queue);
        while (true) {
            ReadResult found = broker.store().read(topic, queue, next, 500, 8 * 1024 * 1024, tag -> true);
            if (found.status() != ReadResult.Status.FOUND) {
                return all;
            }
            for (StoredMessage stored : found.messages()) {
                WireMessage message = MessageEncoding.decode(stored.payload());
                Map<String, String> properties =
                        new LinkedHashMap<>(message.properties().asMap());
                properties.keySet().removeAll(BY_BROKERS);
                all.add(new Kept(
                        message.queueId(),
                        message.flag(),
                        message.bornAtMillis(),
                        message.reconsumeTimes(),
                        StandardCharsets.UTF_8
                                .decode(message.body().duplicate())
                                .toString(),
                        properties));
            }
            next = found.nextOffset();
        }
    }

    static List<String> bodies(Broker broker, String topic, int queue) {
        return kept(broker, topic, queue).stream().map(Kept::body).toList();
    }

    @Override
    public void close() {
        target.close();
        source.close();
    }
}
