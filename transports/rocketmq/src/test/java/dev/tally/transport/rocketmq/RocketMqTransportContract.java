package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.half.CheckBack;
import dev.tally.half.CheckBackAnswer;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the transport promises, at whichever broker speaks RocketMQ's protocol. */
abstract class RocketMqTransportContract {

    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final List<RocketMqTransport> opened = new CopyOnWriteArrayList<>();
    private final String run = UUID.randomUUID().toString().substring(0, 8);

    /** {@code host:port} of the name server. */
    abstract String nameServer();

    /** Creates a topic that clients can use at once. */
    abstract void createTopic(String topic, int queues);

    @AfterEach
    void closeTransports() {
        opened.forEach(RocketMqTransport::close);
    }

    @Test
    void deliversAMessageUnchangedWithAwkwardHeadersKeyAndEmptyPayload() {
        String topic = topic("unchanged", 2);
        RocketMqTransport transport = open();
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
                new MessageId("odd-" + run),
                new Destination(topic, "red"),
                "a key",
                "order placed",
                headers,
                new byte[0]);
        Message plain = message(topic, "k", "hello");

        Received received = subscribe(transport, topic, "unchanged", false, 3, deliver());
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
    void keepsTheOrderOfEachKeyWhenHundredsOfMessagesAreSentAtOnce() {
        String topic = topic("order", 4);
        RocketMqTransport transport = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            messages.add(message(topic, "key-" + i % 7, Integer.toString(i)));
        }

        List<CompletableFuture<SendOutcome>> outcomes = transport.send(messages.subList(0, 150));
        outcomes = new ArrayList<>(outcomes);
        outcomes.addAll(transport.send(messages.subList(150, 300)));
        outcomes.forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
        Received received = subscribe(transport, topic, "order", true, 3, deliver());

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
    void refusesWhatTheBrokerCanNeverTakeAndNamesTheLimit() {
        String topic = topic("refused", 1);
        RocketMqTransport transport = open();
        Message tooLarge = new Message(
                new MessageId("large"), Destination.topic(topic), null, "t", Headers.empty(), new byte[5_000_000]);
        Message wrongTopic = message("no such topic!", null, "x");
        Message longHeaders = new Message(
                new MessageId("headers"),
                Destination.topic(topic),
                null,
                "t",
                Headers.of(Map.of("h", "x".repeat(40_000))),
                new byte[1]);

        List<SendOutcome.Failed> failures = transport.send(List.of(tooLarge, wrongTopic, longHeaders)).stream()
                .map(CompletableFuture::join)
                .map(SendOutcome.Failed.class::cast)
                .toList();

        assertThat(failures).noneMatch(SendOutcome.Failed::retryable);
        assertThat(failures.get(0).reason()).contains("5000000").contains("4194304");
        assertThat(failures.get(1).reason()).contains("no such topic!");
        assertThat(failures.get(2).reason()).contains("32767");
    }

    @Test
    void startsAtTheFirstMessageOfATopicThatItsGroupHasNeverSeen() {
        String topic = topic("first", 2);
        RocketMqTransport transport = open();
        Message early = message(topic, null, "early");
        send(transport, early);

        Received received = subscribe(transport, topic, "first", false, 3, deliver());

        patiently().until(() -> received.ids().contains(early.id().value()));
    }

    @Test
    void receivesSoonFromATopicThatDidNotExistWhenItSubscribed() {
        String topic = "fresh-" + run;
        RocketMqTransport transport = open();
        Received received = subscribe(transport, topic, "fresh", true, 3, deliver());
        Message message = message(topic, "k", "x");

        patiently().until(() -> transport.send(List.of(message)).get(0).join() instanceof SendOutcome.Sent);

        patiently().until(() -> received.ids().contains(message.id().value()));
    }

    @Test
    void takesOnlyTheTagsItAskedFor() {
        String topic = topic("tags", 1);
        RocketMqTransport transport = open();
        Message red = tagged(topic, "red");
        Message blue = tagged(topic, "blue");
        Message green = tagged(topic, "green");
        send(transport, red, blue, green);

        Received received = new Received();
        transport.subscribe(
                new Subscription(topic, group("tags"), "red || green", 2, true, 3), received.handler(deliver()));

        patiently().until(() -> received.ids().contains(green.id().value()));
        assertThat(received.ids()).containsExactly(red.id().value(), green.id().value());
    }

    @Test
    void subscribesAGroupToTwoTopicsThroughOneClient() {
        String first = topic("two-a", 2);
        String second = topic("two-b", 2);
        RocketMqTransport transport = open();
        Received fromFirst = subscribe(transport, first, "two", false, 3, deliver());
        Received fromSecond = subscribe(transport, second, "two", false, 3, deliver());
        Message one = message(first, null, "1");
        Message two = message(second, null, "2");
        send(transport, one, two);

        patiently().until(() -> fromFirst.ids().contains(one.id().value()));
        patiently().until(() -> fromSecond.ids().contains(two.id().value()));
        assertThatThrownBy(() -> subscribe(transport, first, "two", false, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("a second time");
        assertThatThrownBy(() -> subscribe(transport, topic("two-c", 1), "two", true, 3, deliver()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("same values or another group");
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
        RocketMqTransport transport = open();
        Message bad = message(topic, "bad", "bad");
        Message good = message(topic, "good", "good");
        Message behind = message(topic, "bad", "behind");
        send(transport, bad, good, behind);

        Received received = subscribe(
                transport,
                topic,
                name,
                ordered,
                3,
                each -> each.id().equals(bad.id())
                        ? new DeliveryOutcome.Retry("not today")
                        : new DeliveryOutcome.Delivered());
        Received dead = deadLettersOf(transport, name);

        patiently().until(() -> dead.ids().contains(bad.id().value()));
        assertThat(received.attemptsOf(bad.id().value())).containsExactly(1, 2, 3);
        assertThat(received.attemptsOf(good.id().value())).containsExactly(1);
        assertThat(received.ids()).contains(behind.id().value());
        assertThat(dead.ids()).containsExactly(bad.id().value());
        assertThat(new String(dead.message(bad.id().value()).payload(), StandardCharsets.UTF_8))
                .isEqualTo("bad");
    }

    @Test
    void keepsWhatWaitsBehindAFailingMessageWithAllItsAttempts() {
        String topic = topic("behind", 1);
        RocketMqTransport transport = open();
        Message bad = message(topic, "k", "bad");
        Message behind = message(topic, "other", "behind");
        send(transport, bad);
        send(transport, behind);
        Map<String, Boolean> failed = new ConcurrentHashMap<>();
        Received received = new Received();
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
        Received dead = deadLettersOf(transport, "behind");

        patiently().until(() -> received.ids().contains(behind.id().value()));
        patiently().until(() -> dead.ids().contains(bad.id().value()));
        assertThat(received.attemptsOf(bad.id().value())).containsExactly(1, 2);
        assertThat(received.attemptsOf(behind.id().value())).containsExactly(1);
        assertThat(dead.ids()).containsExactly(bad.id().value());
    }

    @Test
    void deadLettersAtOnceWhatTheHandlerSaysWillNeverWork() {
        for (boolean ordered : new boolean[] {false, true}) {
            String name = "never-" + (ordered ? "ordered" : "parallel");
            String topic = topic(name, 1);
            RocketMqTransport transport = open();
            Message bad = message(topic, "k", "bad");
            Message next = message(topic, "k", "next");
            send(transport, bad, next);

            Received received = subscribe(
                    transport,
                    topic,
                    name,
                    ordered,
                    5,
                    each -> each.id().equals(bad.id())
                            ? new DeliveryOutcome.DeadLetter("cannot be read")
                            : new DeliveryOutcome.Delivered());
            Received dead = deadLettersOf(transport, name);

            patiently().until(() -> dead.ids().contains(bad.id().value()));
            patiently().until(() -> received.ids().contains(next.id().value()));
            assertThat(received.attemptsOf(bad.id().value())).containsExactly(1);
        }
    }

    @Test
    void showsHalfMessagesOnlyAfterTheirCommitAndNeverAfterTheirRollback() {
        String topic = topic("half", 2);
        RocketMqTransport transport = open();
        transport.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
        Message kept = message(topic, "a", "kept");
        Message second = message(topic, null, "second");
        Message dropped = message(topic, "b", "dropped");
        Received received = subscribe(transport, topic, "half", false, 3, deliver());

        var keptHalves =
                transport.prepare("tx-kept-" + run, List.of(kept, second)).join();
        var droppedHalves =
                transport.prepare("tx-dropped-" + run, List.of(dropped)).join();
        Message marker = message(topic, "a", "marker");
        send(transport, marker);
        patiently().until(() -> received.ids().contains(marker.id().value()));
        assertThat(received.ids()).containsExactly(marker.id().value());

        transport.rollback(droppedHalves);
        transport.commit(keptHalves);

        patiently().until(() -> received.ids()
                .containsAll(List.of(kept.id().value(), second.id().value())));
        assertThat(received.ids()).doesNotContain(dropped.id().value());
        assertThat(received.message(kept.id().value()).headers()).isEqualTo(Headers.empty());
    }

    @Test
    void asksAnInstanceThatNeverSentAnythingWhatBecameOfAnUndecidedHalfMessage() {
        String topic = topic("check", 2);
        String producers = "check-producers-" + run;
        RocketMqTransport dying = open(settings(producers));
        dying.onCheckBack((transactionId, messageId) -> CheckBackAnswer.UNKNOWN);
        Message committed = message(topic, "a", "committed");
        Message rolledBack = message(topic, "a", "rolled back");
        dying.prepare("tx-yes-" + run, List.of(committed)).join();
        dying.prepare("tx-no-" + run, List.of(rolledBack)).join();
        dying.close();

        Map<String, List<String>> asked = new ConcurrentHashMap<>();
        AtomicInteger questions = new AtomicInteger();
        CheckBack answers = (transactionId, messageId) -> {
            asked.computeIfAbsent(transactionId, id -> new CopyOnWriteArrayList<>())
                    .add(messageId.value());
            if (questions.incrementAndGet() == 1) {
                return CheckBackAnswer.UNKNOWN; // asked again
            }
            return transactionId.startsWith("tx-yes") ? CheckBackAnswer.COMMIT : CheckBackAnswer.ROLLBACK;
        };
        RocketMqTransport successor = open(settings(producers));
        successor.onCheckBack(answers);
        Received received = subscribe(successor, topic, "check", false, 3, deliver());

        patiently().until(() -> received.ids().contains(committed.id().value()));
        patiently().until(() -> asked.containsKey("tx-no-" + run));
        assertThat(asked.get("tx-yes-" + run)).contains(committed.id().value());
        assertThat(received.ids()).doesNotContain(rolledBack.id().value());
    }

    @Test
    void closesInBoundedTimeWhileAHandlerRuns() {
        String topic = topic("close", 1);
        RocketMqTransport transport = open();
        CompletableFuture<Void> entered = new CompletableFuture<>();
        CompletableFuture<Void> release = new CompletableFuture<>();
        transport.subscribe(new Subscription(topic, group("close"), "*", 1, false, 3), batch -> {
            entered.complete(null);
            release.join();
            return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
        });
        send(transport, message(topic, null, "x"));
        entered.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();

        CompletableFuture<Void> closed = CompletableFuture.runAsync(transport::close);

        closed.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        release.complete(null);
        assertThat(transport.send(List.of(message(topic, null, "late"))).get(0).join())
                .isInstanceOf(SendOutcome.Failed.class);
    }

    @Test
    void saysWhetherTheBrokerCanBeReached() {
        open().verifyReachable();

        RocketMqTransport lost = open(RocketMqSettings.builder("127.0.0.1:1", "lost-" + run, "lost-" + run)
                .sendTimeout(Duration.ofMillis(500))
                .build());
        assertThatThrownBy(lost::verifyReachable)
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("127.0.0.1:1");
        SendOutcome outcome =
                lost.send(List.of(message("anything", "k", "x"))).get(0).join();
        assertThat(outcome).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                .isTrue());
        assertThatThrownBy(() -> lost.prepare("tx", List.of(message("anything", "k", "x")))
                        .join())
                .hasCauseInstanceOf(Exception.class);
    }

    private String topic(String name, int queues) {
        String topic = name + "-" + run;
        createTopic(topic, queues);
        return topic;
    }

    private String group(String name) {
        return name + "-group-" + run;
    }

    private RocketMqTransport open() {
        return open(settings("producers-" + run));
    }

    private RocketMqTransport open(RocketMqSettings settings) {
        RocketMqTransport transport = new RocketMqTransport(settings);
        opened.add(transport);
        return transport;
    }

    private RocketMqSettings settings(String producerGroup) {
        return RocketMqSettings.builder(
                        nameServer(), producerGroup, UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .orderedRetryDelay(Duration.ofMillis(200))
                .build();
    }

    private Message message(String topic, String key, String text) {
        return new Message(
                new MessageId(UUID.randomUUID().toString()),
                Destination.topic(topic),
                key,
                "text",
                Headers.empty(),
                text.getBytes(StandardCharsets.UTF_8));
    }

    private Message tagged(String topic, String tag) {
        return new Message(
                new MessageId(UUID.randomUUID().toString()),
                new Destination(topic, tag),
                "k",
                "text",
                Headers.empty(),
                new byte[] {1});
    }

    private static void send(RocketMqTransport transport, Message... messages) {
        transport.send(List.of(messages)).forEach(outcome -> assertThat(outcome.join())
                .isInstanceOf(SendOutcome.Sent.class));
    }

    private Received subscribe(
            RocketMqTransport transport,
            String topic,
            String group,
            boolean ordered,
            int maxAttempts,
            Function<Message, DeliveryOutcome> handler) {
        Received received = new Received();
        transport.subscribe(
                new Subscription(topic, group(group), "*", 4, ordered, maxAttempts), received.handler(handler));
        return received;
    }

    private Received deadLettersOf(RocketMqTransport transport, String group) {
        return subscribe(transport, "%DLQ%" + group(group), group + "-dead", false, 3, deliver());
    }

    private static Function<Message, DeliveryOutcome> deliver() {
        return message -> new DeliveryOutcome.Delivered();
    }

    private static ConditionFactory patiently() {
        return await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50));
    }

    /** What a handler saw. */
    private static final class Received {

        private final List<ReceivedMessage> deliveries = new CopyOnWriteArrayList<>();

        BatchHandler handler(Function<Message, DeliveryOutcome> handler) {
            return batch -> batch.stream()
                    .map(each -> {
                        add(each);
                        return handler.apply(each.message());
                    })
                    .toList();
        }

        void add(ReceivedMessage delivery) {
            deliveries.add(delivery);
        }

        List<ReceivedMessage> deliveries() {
            return deliveries;
        }

        List<String> ids() {
            return deliveries.stream().map(each -> each.message().id().value()).toList();
        }

        Message message(String id) {
            return deliveries.stream()
                    .map(ReceivedMessage::message)
                    .filter(each -> each.id().value().equals(id))
                    .findFirst()
                    .orElseThrow();
        }

        List<Integer> attemptsOf(String id) {
            return deliveries.stream()
                    .filter(each -> each.message().id().value().equals(id))
                    .map(ReceivedMessage::attempt)
                    .toList();
        }
    }
}
