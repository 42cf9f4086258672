package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What suites of transports have in common: topics and groups with new names in each test, transports that are closed
 * after it, and patience. Tests wait up to {@link #patience()} for what should happen, so a loaded machine makes them slow
 * and not fail.
 *
 * @since 0.1
 */
@ExtendWith(TransportFeatures.class)
public abstract class TransportSuite {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final String test = unique();

    /** Creates the suite. */
    protected TransportSuite() {}

    /** The broker's name as people know it, with its version: {@code Kafka 4.2.1}. */
    protected abstract String broker();

    /**
     * Opens a transport to the broker; the suite closes it. Closing must not wait longer than a second or so for running
     * handlers, and the first pause before a retry must be short, so that tests take seconds.
     *
     * @param service names the service that opens it; transports of one name are instances of one service
     */
    protected abstract Transport openTransport(String service);

    /** Creates a topic that can be used at once, with so many queues or partitions. */
    protected abstract void createTopic(String topic, int queues);

    /**
     * Makes a group known to the broker before the first message is sent to its topic, where the broker keeps nothing for
     * groups that come later (and {@link #keepsHistory()} is false); nothing by default.
     *
     * @param group its name, as {@link #group} gives it
     * @param ordered as its subscriptions say
     */
    protected void createGroup(String topic, String group, boolean ordered) {}

    /** Whether a group that is new to a topic gets what was sent to the topic before; true by default. */
    protected boolean keepsHistory() {
        return true;
    }

    /** The topic that has what a group could not handle of a topic. */
    protected abstract String deadLetterTopic(String topic, String group);

    /** A message to a topic that is there, which the transport itself never takes: too large, for instance. */
    protected abstract Message neverTaken(String topic);

    /** How long a test waits for what should happen; 90 seconds. */
    protected Duration patience() {
        return Duration.ofSeconds(90);
    }

    @AfterEach
    void closeTransports() {
        opened.forEach(Transport::close);
    }

    /** What is skipped where a transport does not have it. */
    protected static void assumeThatItHas(Transport transport, Capability capability) {
        assumeTrue(transport.capabilities().contains(capability), () -> capability.missingFrom(transport.name()));
    }

    /** The payload of a message of these suites. */
    protected static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    /** A new topic. */
    protected final String topic(String name, int queues) {
        String topic = name + "-" + unique();
        createTopic(topic, queues);
        return topic;
    }

    /** A group of this test. */
    protected final String group(String name) {
        return name + "-group-" + test;
    }

    /** A name that no other test has, nor another run at the same broker. */
    protected static String unique() {
        ProcessHandle process = ProcessHandle.current();
        long started = process.info()
                .startInstant()
                .map(instant -> instant.toEpochMilli())
                .orElse(0L);
        return Long.toString(started, 36) + "-" + process.pid() + "-" + NAMES.incrementAndGet();
    }

    /** A transport of a service of its own. */
    protected final Transport open() {
        return open("service-" + unique());
    }

    /** A transport that is closed after the test. */
    protected final Transport open(String service) {
        Transport transport = openTransport(service);
        opened.add(transport);
        return transport;
    }

    /** A message. */
    protected final Message message(String topic, @Nullable String key, String text) {
        return new Message(
                new MessageId("m-" + unique()),
                Destination.topic(topic),
                key,
                "text",
                Headers.empty(),
                text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends, and waits until the broker has confirmed all of them. */
    protected static void send(Transport transport, Message... messages) {
        transport.send(List.of(messages)).forEach(outcome -> assertThat(outcome.join())
                .isInstanceOf(SendOutcome.Sent.class));
    }

    /**
     * Subscribes to all tags of a topic.
     *
     * @param group a name that becomes that of a {@link #group} of this test
     */
    protected final ReceivedMessages subscribe(
            Transport transport,
            String topic,
            String group,
            boolean ordered,
            int maxAttempts,
            Function<Message, DeliveryOutcome> handler) {
        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, group(group), "*", 4, ordered, maxAttempts), received.handler(handler));
        return received;
    }

    /** Subscribes to the dead letters of a {@link #group} of this test. */
    protected final ReceivedMessages deadLettersOf(Transport transport, String topic, String group) {
        return subscribe(transport, deadLetterTopic(topic, group(group)), group + "-dead", false, 3, deliver());
    }

    /** Takes everything. */
    protected static Function<Message, DeliveryOutcome> deliver() {
        return message -> new DeliveryOutcome.Delivered();
    }

    /** Waits with {@link #patience()}. */
    protected final ConditionFactory patiently() {
        return await().atMost(patience()).pollInterval(Duration.ofMillis(50));
    }
}
