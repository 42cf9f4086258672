package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.scenario.Scenario;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every transport guarantees, at a real broker. A transport is added by a subclass that says how to open it; the
 * broker is the subclass' affair, and may serve all tests. A transport that has half messages extends
 * {@link HalfMessagesContract} instead.
 *
 * <p>Topics and groups have new names in each test. Tests wait up to {@link #patience()} for what should happen, so a loaded
 * machine makes them slow and not fail.
 *
 * @since 0.1
 */
public abstract class TransportContract {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final String test = unique();

    /** Creates the suite. */
    protected TransportContract() {}

    /**
     * Opens a transport to the broker; the suite closes it. Closing must not wait longer than a second or so for running
     * handlers, and the first pause before a retry must be short, so that tests take seconds.
     *
     * @param service names the service that opens it; transports of one name are instances of one service
     */
    protected abstract Transport openTransport(String service);

    /** Creates a topic that can be used at once, with so many queues or partitions. */
    protected abstract void createTopic(String topic, int queues);

    /** The topic that has a group's dead letters. */
    protected abstract String deadLetterTopic(String group);

    /** How long a test waits for what should happen; 90 seconds. */
    protected Duration patience() {
        return Duration.ofSeconds(90);
    }

    @AfterEach
    void closeTransports() {
        opened.forEach(Transport::close);
    }

    @Test
    void deliversAMessageUnchangedWithAwkwardHeadersKeyAndEmptyPayload() {
        String topic = topic("unchanged", 2);
        Transport transport = open();
        Headers headers = Headers.of(Map.of(
                "traceparent",
                "00-abc",
                "tracestate",
                "vendor=a=b,other=c",
                "X-B3-TraceId",
                "463ac35c9f6413ad",
                "blank",
                " ",
                "empty",
                "",
                "KEYS",
                "reserved=name&more",
                "line",
                "one\ntwo\u0001\u0002",
                "city",
                "Zürich 東京",
                "__SHARDINGKEY",
                "x"));
        Message odd = new Message(
                new MessageId("odd-" + unique()),
                new Destination(topic, "red"),
                "a key",
                "order placed",
                headers,
                new byte[0]);
        Message plain = message(topic, "k", "hello");

        ReceivedMessages received = subscribe(transport, topic, "unchanged", false, 3, deliver());
        send(transport, odd, plain);

        patiently().until(() -> received.ids()
                .containsAll(List.of(odd.id().value(), plain.id().value())));
        Message arrived = received.message(odd.id().value());
        assertThat(arrived.headers()).isEqualTo(headers);
        assertThat(arrived.key()).isEqualTo("a key");
        assertThat(arrived.type()).isEqualTo("order placed");
        assertThat(arrived.destination()).isEqualTo(new Destination(topic, "red"));
        assertThat(arrived.payload()).isEmpty();
        assertThat(received.message(plain.id().value()).payload()).isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(received.deliveries()).allMatch(delivery -> delivery.attempt() == 1);
    }

    @Test
    void eachMemberOfABroadcastGroupGetsWhatIsSentWhileItIsThereAndTriesAgainByItself() {
        String topic = topic("broadcast", 2);
        Transport sender = open();
        assumeTrue(
                sender.capabilities().contains(Capability.BROADCAST),
                sender.name() + " has no " + Capability.BROADCAST + ": skipped");
        send(sender, message(topic, "k", "before"));
        List<ReceivedMessages> members = new ArrayList<>();
        List<AtomicInteger> failures = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ReceivedMessages received = new ReceivedMessages();
            AtomicInteger failed = new AtomicInteger();
            Function<Message, DeliveryOutcome> handler =
                    message -> text(message).equals("fails") && failed.getAndIncrement() == 0
                            ? new DeliveryOutcome.Retry("not yet")
                            : new DeliveryOutcome.Delivered();
            open().subscribe(
                            new Subscription(topic, group("broadcast"), "*", 4, true, 3).toEachMember(),
                            received.handler(handler));
            members.add(received);
            failures.add(failed);
        }

        // When a member has its queues, nobody says: until then it misses what is sent.
        patiently().until(() -> {
            send(sender, message(topic, "a", "ready?"), message(topic, "b", "ready?"));
            return members.stream().allMatch(member -> texts(member).contains("ready?"));
        });
        send(sender, message(topic, "k", "fails"));
        patiently().until(() -> failures.stream().allMatch(failed -> failed.get() == 2));
        send(sender, message(topic, "k", "last"));

        patiently()
                .until(() -> members.stream().allMatch(member -> texts(member).contains("last")));
        for (ReceivedMessages member : members) {
            assertThat(texts(member).stream().filter(text -> !text.equals("ready?")))
                    .containsExactly("fails", "fails", "last");
        }
    }

    private static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    private static List<String> texts(ReceivedMessages received) {
        return received.deliveries().stream()
                .map(delivery -> text(delivery.message()))
                .toList();
    }

    @Test
    void keepsTheOrderOfEachKeyWhenHundredsOfMessagesAreSentAtOnce() {
        String topic = topic("order", 4);
        Transport transport = open();
        assumeKeyOrder(transport);
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            messages.add(message(topic, "key-" + i % 7, Integer.toString(i)));
        }

        List<CompletableFuture<SendOutcome>> outcomes = transport.send(messages.subList(0, 150));
        outcomes = new ArrayList<>(outcomes);
        outcomes.addAll(transport.send(messages.subList(150, 300)));
        outcomes.forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
        ReceivedMessages received = subscribe(transport, topic, "order", true, 3, deliver());

        patiently().until(() -> received.ids().size() >= 300);
        for (int key = 0; key < 7; key++) {
            String wanted = "key-" + key;
            List<Integer> numbers = received.deliveries().stream()
                    .map(ReceivedMessage::message)
                    .filter(each -> wanted.equals(each.key()))
                    .map(each -> Integer.parseInt(new String(each.payload(), StandardCharsets.UTF_8)))
                    .toList();
            assertThat(numbers).hasSizeGreaterThanOrEqualTo(42).isSorted();
        }
    }

    @Test
    void startsAtTheFirstMessageOfATopicThatItsGroupHasNeverSeen() {
        String topic = topic("first", 2);
        Transport transport = open();
        Message early = message(topic, null, "early");
        send(transport, early);

        ReceivedMessages received = subscribe(transport, topic, "first", false, 3, deliver());

        patiently().until(() -> received.ids().contains(early.id().value()));
    }

    @Test
    void takesOnlyTheTagsItAskedFor() {
        String topic = topic("tags", 1);
        Transport transport = open();
        Message red = tagged(topic, "red");
        Message blue = tagged(topic, "blue");
        Message green = tagged(topic, "green");
        send(transport, red, blue, green);

        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, group("tags"), "red || green", 2, true, 3), received.handler(deliver()));

        patiently().until(() -> received.ids().contains(green.id().value()));
        assertThat(received.ids()).containsExactly(red.id().value(), green.id().value());
    }

    @Test
    void handsAFailingMessageOverAsOftenAsAllowedAndThenDeadLettersItWithoutOrder() {
        failsThenDeadLetters(false);
    }

    @Test
    void handsAFailingMessageOverAsOftenAsAllowedAndThenDeadLettersItInOrder() {
        failsThenDeadLetters(true);
    }

    private void failsThenDeadLetters(boolean ordered) {
        String name = ordered ? "retry-ordered" : "retry-parallel";
        String topic = topic(name, 1);
        Transport transport = open();
        if (ordered) {
            assumeKeyOrder(transport);
        }
        Message bad = message(topic, "bad", "bad");
        Message good = message(topic, "good", "good");
        Message behind = message(topic, "bad", "behind");
        send(transport, bad, good, behind);

        ReceivedMessages received = subscribe(
                transport,
                topic,
                name,
                ordered,
                3,
                each -> each.id().equals(bad.id())
                        ? new DeliveryOutcome.Retry("not today")
                        : new DeliveryOutcome.Delivered());
        ReceivedMessages dead = deadLettersOf(transport, name);

        patiently().until(() -> dead.ids().contains(bad.id().value()));
        assertThat(received.attemptsOf(bad.id().value())).containsExactly(1, 2, 3);
        assertThat(received.attemptsOf(good.id().value())).containsExactly(1);
        assertThat(received.ids()).contains(behind.id().value());
        assertThat(dead.ids()).containsExactly(bad.id().value());
        assertThat(new String(dead.message(bad.id().value()).payload(), StandardCharsets.UTF_8))
                .isEqualTo("bad");
    }

    @Scenario("messaging-24")
    @Test
    void aFailingMessageHoldsItsKeyAndNoOther() {
        String topic = topic("holds", 1);
        Transport transport = open();
        assumeKeyOrder(transport);
        Message bad = message(topic, "k", "bad");
        Message behind = message(topic, "k", "behind");
        Message other = message(topic, "other", "other");
        for (Message each : List.of(bad, behind, other)) {
            send(transport, each);
        }
        ReceivedMessages received = new ReceivedMessages();
        BatchHandler failsUntilTheOtherIsHandled = batch -> batch.stream()
                .map(each -> {
                    boolean failing = "k".equals(each.message().key())
                            && !received.ids().contains(other.id().value());
                    if (failing) {
                        return new DeliveryOutcome.Retry("the other is not handled");
                    }
                    received.add(each);
                    return (DeliveryOutcome) new DeliveryOutcome.Delivered();
                })
                .toList();

        transport.subscribe(new Subscription(topic, group("holds"), "*", 1, true, 16), failsUntilTheOtherIsHandled);

        patiently().until(() -> received.ids().size() >= 3);
        assertThat(received.ids())
                .containsExactly(
                        other.id().value(), bad.id().value(), behind.id().value());
    }

    @Test
    void keepsWhatWaitsBehindAFailingMessageWithAllItsAttempts() {
        String topic = topic("behind", 1);
        Transport transport = open();
        assumeKeyOrder(transport);
        Message bad = message(topic, "k", "bad");
        Message behind = message(topic, "k", "behind");
        send(transport, bad);
        send(transport, behind);
        Map<String, Boolean> failed = new ConcurrentHashMap<>();
        ReceivedMessages received = new ReceivedMessages();
        BatchHandler stopsAtTheFirstFailure = batch -> {
            failed.clear();
            return batch.stream()
                    .map(each -> {
                        if (failed.containsKey("k")) {
                            return new DeliveryOutcome.Retry("behind");
                        }
                        received.add(each);
                        if (each.message().id().equals(bad.id())) {
                            failed.put("k", true);
                            return new DeliveryOutcome.Retry("bad");
                        }
                        return (DeliveryOutcome) new DeliveryOutcome.Delivered();
                    })
                    .toList();
        };

        transport.subscribe(new Subscription(topic, group("behind"), "*", 2, true, 2), stopsAtTheFirstFailure);
        ReceivedMessages dead = deadLettersOf(transport, "behind");

        patiently().until(() -> received.ids().contains(behind.id().value()));
        patiently().until(() -> dead.ids().contains(bad.id().value()));
        assertThat(received.attemptsOf(bad.id().value())).containsExactly(1, 2);
        assertThat(received.attemptsOf(behind.id().value())).containsExactly(1);
        assertThat(dead.ids()).containsExactly(bad.id().value());
    }

    @Test
    void deadLettersAtOnceWhatTheHandlerSaysWillNeverWork() {
        Transport transport = open();
        boolean keepsOrder = transport.capabilities().contains(Capability.KEY_ORDER);
        for (boolean ordered : keepsOrder ? List.of(false, true) : List.of(false)) {
            String name = "never-" + (ordered ? "ordered" : "parallel");
            String topic = topic(name, 1);
            Message bad = message(topic, "k", "bad");
            Message next = message(topic, "k", "next");
            send(transport, bad, next);

            ReceivedMessages received = subscribe(
                    transport,
                    topic,
                    name,
                    ordered,
                    5,
                    each -> each.id().equals(bad.id())
                            ? new DeliveryOutcome.DeadLetter("cannot be read")
                            : new DeliveryOutcome.Delivered());
            ReceivedMessages dead = deadLettersOf(transport, name);

            patiently().until(() -> dead.ids().contains(bad.id().value()));
            patiently().until(() -> received.ids().contains(next.id().value()));
            assertThat(received.attemptsOf(bad.id().value())).containsExactly(1);
        }
    }

    @Test
    void closesInBoundedTimeWhileAHandlerRuns() {
        String topic = topic("close", 1);
        Transport transport = open();
        CompletableFuture<Void> entered = new CompletableFuture<>();
        CompletableFuture<Void> release = new CompletableFuture<>();
        transport.subscribe(new Subscription(topic, group("close"), "*", 1, false, 3), batch -> {
            entered.complete(null);
            release.join();
            return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
        });
        send(transport, message(topic, null, "x"));
        entered.orTimeout(patience().toSeconds(), TimeUnit.SECONDS).join();

        CompletableFuture<Void> closed = CompletableFuture.runAsync(transport::close);

        closed.orTimeout(patience().toSeconds(), TimeUnit.SECONDS).join();
        release.complete(null);
        assertThat(transport.send(List.of(message(topic, null, "late"))).get(0).join())
                .isInstanceOf(SendOutcome.Failed.class);
    }

    private static void assumeKeyOrder(Transport transport) {
        assumeTrue(
                transport.capabilities().contains(Capability.KEY_ORDER),
                () -> "transport " + transport.name() + " does not keep the order of keys");
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

    private Message tagged(String topic, String tag) {
        return new Message(
                new MessageId("m-" + unique()), new Destination(topic, tag), "k", "text", Headers.empty(), new byte[] {1
                });
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

    private ReceivedMessages deadLettersOf(Transport transport, String group) {
        return subscribe(transport, deadLetterTopic(group(group)), group + "-dead", false, 3, deliver());
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
