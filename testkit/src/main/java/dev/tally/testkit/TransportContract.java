package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
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
public abstract class TransportContract extends TransportSuite {

    /** Creates the suite. */
    protected TransportContract() {}

    @Test
    @ShowsFeature(TransportFeature.MESSAGES_UNCHANGED)
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
    @ShowsFeature(TransportFeature.BROADCAST)
    void eachMemberOfABroadcastGroupGetsWhatIsSentWhileItIsThereAndTriesAgainByItself() {
        String topic = topic("broadcast", 2);
        Transport sender = open();
        assumeThatItHas(sender, Capability.BROADCAST);
        createGroup(topic, group("listens-already"), true);
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

    private static List<String> texts(ReceivedMessages received) {
        return received.deliveries().stream()
                .map(delivery -> text(delivery.message()))
                .toList();
    }

    @Test
    @ShowsFeature(TransportFeature.KEY_ORDER)
    void keepsTheOrderOfEachKeyWhenHundredsOfMessagesAreSentAtOnce() {
        String topic = topic("order", 4);
        Transport transport = open();
        assumeThatItHas(transport, Capability.KEY_ORDER);
        createGroup(topic, group("order"), true);
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
    @ShowsFeature(TransportFeature.HISTORY)
    void startsAtTheFirstMessageOfATopicThatItsGroupHasNeverSeen() {
        assumeTrue(keepsHistory(), () -> broker() + " keeps nothing for groups that come later: skipped");
        String topic = topic("first", 2);
        Transport transport = open();
        Message early = message(topic, null, "early");
        send(transport, early);

        ReceivedMessages received = subscribe(transport, topic, "first", false, 3, deliver());

        patiently().until(() -> received.ids().contains(early.id().value()));
    }

    @Test
    @ShowsFeature(TransportFeature.TAGS)
    void takesOnlyTheTagsItAskedFor() {
        String topic = topic("tags", 1);
        Transport transport = open();
        createGroup(topic, group("tags"), true);
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
    @ShowsFeature(TransportFeature.DEAD_LETTERS)
    void handsAFailingMessageOverAsOftenAsAllowedAndThenDeadLettersItWithoutOrder() {
        failsThenDeadLetters(false);
    }

    @Test
    @ShowsFeature(TransportFeature.DEAD_LETTERS_IN_ORDER)
    void handsAFailingMessageOverAsOftenAsAllowedAndThenDeadLettersItInOrder() {
        failsThenDeadLetters(true);
    }

    private void failsThenDeadLetters(boolean ordered) {
        String name = ordered ? "retry-ordered" : "retry-parallel";
        String topic = topic(name, 1);
        Transport transport = open();
        if (ordered) {
            assumeThatItHas(transport, Capability.KEY_ORDER);
        }
        createGroup(topic, group(name), ordered);
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
        ReceivedMessages dead = deadLettersOf(transport, topic, name);

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
    @ShowsFeature(TransportFeature.KEYS_APART)
    void aFailingMessageHoldsItsKeyAndNoOther() {
        String topic = topic("holds", 1);
        Transport transport = open();
        assumeThatItHas(transport, Capability.KEY_ORDER);
        createGroup(topic, group("holds"), true);
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
        assumeThatItHas(transport, Capability.KEY_ORDER);
        createGroup(topic, group("behind"), true);
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
        ReceivedMessages dead = deadLettersOf(transport, topic, "behind");

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
            createGroup(topic, group(name), ordered);
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
            ReceivedMessages dead = deadLettersOf(transport, topic, name);

            patiently().until(() -> dead.ids().contains(bad.id().value()));
            patiently().until(() -> received.ids().contains(next.id().value()));
            assertThat(received.attemptsOf(bad.id().value())).containsExactly(1);
        }
    }

    @Test
    void closesInBoundedTimeWhileAHandlerRuns() {
        String topic = topic("close", 1);
        Transport transport = open();
        createGroup(topic, group("close"), false);
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

    private Message tagged(String topic, String tag) {
        return new Message(
                new MessageId("m-" + unique()), new Destination(topic, tag), "k", "text", Headers.empty(), new byte[] {1
                });
    }
}
