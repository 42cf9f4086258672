package dev.tally.transport.pulsar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import dev.tally.transport.pulsar.server.PulsarServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** How far groups have got in topics, and how they are moved, at a real Pulsar. */
class PulsarPositionsTest {

    private static final String RUN = Long.toString(ProcessHandle.current().pid(), 36);
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int KEYS = 16;

    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final PulsarServer server = SharedPulsar.server();
    private final String topic = "positions-" + RUN + "-" + NAMES.incrementAndGet();

    @AfterEach
    void closeTransports() {
        opened.forEach(Transport::close);
    }

    @AfterAll
    static void closeClients() {
        SharedPulsar.closeClients();
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    private Transport open() {
        Transport transport = SharedPulsar.transport();
        opened.add(transport);
        return transport;
    }

    private Subscription group() {
        return new Subscription(topic, "group: é", "*", 4, true, 5);
    }

    private SubscriptionPositions subscribe(Transport transport, ReceivedMessages received) {
        return transport
                .subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()))
                .positions()
                .orElseThrow();
    }

    private List<String> send(Transport transport, int from, int to) {
        List<Message> messages = new ArrayList<>();
        for (int i = from; i < to; i++) {
            messages.add(new Message(
                    new MessageId(topic + '-' + i),
                    Destination.topic(topic),
                    "key-" + i % KEYS,
                    "text",
                    Headers.empty(),
                    Integer.toString(i).getBytes(StandardCharsets.UTF_8)));
        }
        transport.send(messages).forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
        return messages.stream().map(message -> message.id().value()).toList();
    }

    private static long lag(SubscriptionPositions positions) {
        return positions.read(false).stream().mapToLong(QueuePosition::lag).sum();
    }

    private static boolean ownsAll(SubscriptionPositions positions) {
        return positions.read(false).stream().allMatch(QueuePosition::owned);
    }

    /** A time with nothing within a few milliseconds before and after it. */
    private static Instant quietTime() {
        Instant last = Instant.now();
        patiently().until(() -> Instant.now().isAfter(last.plusMillis(50)));
        Instant time = Instant.now();
        patiently().until(() -> Instant.now().isAfter(time.plusMillis(50)));
        return time;
    }

    /** Has the brokers begin new ledgers. */
    private void beginLedgers() {
        server.ask("PUT", "/admin/v2/persistent/public/default/" + topic + "/unload", "", 204);
    }

    @Test
    void countsWhatWaitsAndWhatIsBeingHandled() {
        server.createTopic(topic, 3);
        Transport transport = open();
        CompletableFuture<Void> go = new CompletableFuture<Void>().orTimeout(60, TimeUnit.SECONDS);
        ReceivedMessages received = new ReceivedMessages();
        ActiveSubscription subscription = transport.subscribe(group(), received.handler(message -> {
            go.join();
            return new DeliveryOutcome.Delivered();
        }));
        SubscriptionPositions positions = subscription.positions().orElseThrow();
        patiently().until(() -> ownsAll(positions));
        assertThat(positions.read(true)).hasSize(3).allSatisfy(queue -> {
            assertThat(queue.lag()).isZero();
            assertThat(queue.oldest()).isNull();
            assertThat(queue.first()).isEqualTo(queue.acknowledged()).isEqualTo(queue.end());
        });

        Instant before = Instant.now();
        send(transport, 0, 300);
        assertThat(lag(positions)).isEqualTo(300);
        assertThat(positions.read(true)).allSatisfy(queue -> {
            assertThat(queue.oldest())
                    .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1));
            assertThat(queue.end()).isGreaterThan(queue.acknowledged());
        });

        go.complete(null);
        patiently().until(() -> lag(positions) == 0);
        assertThat(positions.read(false))
                .allSatisfy(queue ->
                        assertThat(queue.acknowledged()).isEqualTo(queue.end()).isGreaterThan(queue.first()));
        beginLedgers();
        assertThat(positions.read(false)).allSatisfy(queue -> {
            assertThat(queue.acknowledged()).isEqualTo(queue.end());
            assertThat(queue.lag()).isZero();
        });
    }

    @Test
    void estimatesALongBacklog() {
        server.createTopic(topic, 1);
        Transport transport = open();
        ActiveSubscription subscription = transport.subscribe(
                group(), new ReceivedMessages().handler(message -> new DeliveryOutcome.Delivered()));
        subscription.control().orElseThrow().pause();
        SubscriptionPositions positions = subscription.positions().orElseThrow();
        patiently().until(() -> ownsAll(positions));
        int sent = 0;
        QueuePosition queue = positions.read(false).get(0);
        while (queue.end() - queue.acknowledged() <= CursorPositions.COUNTED) {
            send(transport, sent, sent + 5_000);
            sent += 5_000;
            queue = positions.read(false).get(0);
        }

        assertThat(lag(positions)).isBetween(sent - 100L, sent + 100L);
    }

    @Test
    void movesTheWholeGroupThereAndBackWhoeverHasThePartitions() {
        server.createTopic(topic, 4);
        Transport one = open();
        Transport two = open();
        ReceivedMessages received = new ReceivedMessages();
        SubscriptionPositions positions = subscribe(one, received);
        SubscriptionPositions theirs = subscribe(two, received);
        patiently().until(() -> ownsAll(positions) && ownsAll(theirs));
        List<String> old = send(one, 0, 200);
        patiently().until(() -> received.ids().containsAll(old) && lag(positions) == 0);
        Instant time = quietTime();
        List<String> young = send(two, 200, 500);
        patiently().until(() -> received.ids().containsAll(young) && lag(positions) == 0);

        List<PositionMove> moves = positions.planTo(time);
        assertThat(moves).hasSize(4);
        assertThat(moves.stream().mapToLong(PositionMove::replayed).sum()).isEqualTo(300);
        assertThat(moves).allSatisfy(move -> assertThat(move.since()).isAfterOrEqualTo(time));
        positions.seek(moves);

        patiently().until(() -> received.ids().size() >= 800 && lag(positions) == 0);
        patiently().until(() -> ownsAll(positions) && ownsAll(theirs));
        assertThat(young).allSatisfy(id -> assertThat(Collections.frequency(received.ids(), id))
                .isEqualTo(2));
        assertThat(old).allSatisfy(id -> assertThat(Collections.frequency(received.ids(), id))
                .isEqualTo(1));

        assertThat(positions.planTo(Instant.now().plusSeconds(60)))
                .allSatisfy(move -> assertThat(move.replayed() + move.skipped()).isZero());
        send(one, 500, 520);
        patiently().until(() -> received.ids().size() == 820);
    }

    @RepeatedTest(3)
    void whatMembersAcknowledgeLateDoesNotUndoAMove() {
        server.createTopic(topic, 2);
        Transport one = open();
        Transport two = open();
        ReceivedMessages received = new ReceivedMessages();
        Set<String> running = ConcurrentHashMap.newKeySet();
        CompletableFuture<Void> go = new CompletableFuture<Void>().orTimeout(60, TimeUnit.SECONDS);
        List<SubscriptionPositions> members = new ArrayList<>();
        for (Transport each : List.of(one, two)) {
            members.add(each.subscribe(group().withBatch(1), received.handler(message -> {
                        running.add(message.id().value());
                        go.join();
                        return new DeliveryOutcome.Delivered();
                    }))
                    .positions()
                    .orElseThrow());
        }
        SubscriptionPositions positions = members.get(0);
        patiently().until(() -> members.stream().allMatch(PulsarPositionsTest::ownsAll));
        List<String> sent = send(one, 0, 100);
        patiently().until(() -> running.size() > 4); // at both, whatever keys each of them has
        List<String> inHand = List.copyOf(running);

        // They end while the group is being moved to where it is, and acknowledge.
        CompletableFuture<Void> moving =
                CompletableFuture.runAsync(() -> positions.seek(positions.planTo(Instant.EPOCH)));
        patiently().until(() -> movesOf(topic).contains("\"tally-move\""));
        go.complete(null);
        moving.join();
        patiently().until(() -> received.ids().containsAll(sent) && lag(positions) == 0);
        assertThat(inHand).allSatisfy(id -> assertThat(Collections.frequency(received.ids(), id))
                .isEqualTo(2));
    }

    private String movesOf(String name) {
        return server.ask(
                "GET",
                "/admin/v2/persistent/public/default/" + name + "/subscription/group%3A%20%C3%A9/properties",
                "",
                200);
    }

    @Test
    void dropsWhatMembersHaveInMemoryAndSkipsIt() {
        server.createTopic(topic, 1);
        Transport transport = open();
        CompletableFuture<Void> go = new CompletableFuture<Void>().orTimeout(60, TimeUnit.SECONDS);
        List<String> handled = new CopyOnWriteArrayList<>();
        SubscriptionPositions positions = transport
                .subscribe(group().withBatch(1), batch -> {
                    go.join();
                    for (ReceivedMessage each : batch) {
                        handled.add(each.message().id().value());
                    }
                    return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
                })
                .positions()
                .orElseThrow();
        patiently().until(() -> ownsAll(positions));
        send(transport, 0, 400);
        assertThat(lag(positions)).isEqualTo(400);

        PositionMove end = positions.planTo("0", positions.read(false).get(0).end());
        assertThat(end.skipped()).isEqualTo(400);
        positions.seek(List.of(end));
        assertThat(lag(positions)).isZero();
        patiently().until(() -> ownsAll(positions));
        go.complete(null);
        List<String> later = send(transport, 400, 410);

        patiently().until(() -> handled.containsAll(later));
        assertThat(handled).as("what four handlers had in hand, and later ones").hasSize(4 + later.size());
    }

    @Test
    void movesOnePartitionToAPositionAcrossLedgers() {
        server.createTopic(topic, 2);
        keepWhatIsAcknowledged(topic);
        Transport transport = open();
        ReceivedMessages received = new ReceivedMessages();
        SubscriptionPositions positions = subscribe(transport, received);
        patiently().until(() -> ownsAll(positions));
        send(transport, 0, 50);
        patiently().until(() -> received.ids().size() == 50 && lag(positions) == 0);
        beginLedgers();
        send(transport, 50, 80);
        patiently().until(() -> received.ids().stream().distinct().count() == 80 && lag(positions) == 0);
        int before = received.ids().size();

        QueuePosition second = positions.read(false).get(1);
        assertThat(EntryPosition.ledger(second.first())).isLessThan(EntryPosition.ledger(second.end()));
        PositionMove move = positions.planTo("1", second.first());
        assertThat(move.replayed()).isPositive().isLessThan(80);
        positions.seek(List.of(move));

        patiently().until(() -> received.ids().size() == before + move.replayed() && lag(positions) == 0);
    }

    private void keepWhatIsAcknowledged(String name) {
        server.ask(
                "POST",
                "/admin/v2/persistent/public/default/" + name + "/retention",
                "{\"retentionTimeInMinutes\": 60, \"retentionSizeInMB\": 100}",
                204);
    }

    @Test
    void refusesWhereThereIsNoSuchPlace() {
        server.createTopic(topic, 1);
        Transport transport = open();
        ReceivedMessages received = new ReceivedMessages();
        SubscriptionPositions positions = subscribe(transport, received);
        send(transport, 0, 1);
        patiently().until(() -> received.ids().size() == 1 && lag(positions) == 0);
        QueuePosition only = positions.read(false).get(0);

        assertThatThrownBy(() -> positions.planTo("7", 0))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("there is no partition '7'");
        assertThatThrownBy(() -> positions.planTo("0", only.end() + 1))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("Cannot move group 'group: é' in topic '" + topic + "' to position")
                .hasMessageContaining("it has the positions from " + only.first() + " to " + only.end());
        assertThatThrownBy(() -> positions.planTo("0", only.first() - 1)).isInstanceOf(TransportException.class);
        assertThatThrownBy(() -> positions.seek(List.of(new PositionMove("1", 0, 0, 0, null))))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("there is no partition '1'");
    }

    @Test
    void hasPositionsOnlyWhereItKnowsTheAdministration() {
        server.createTopic(topic, 1);
        Transport without = new PulsarTransport(
                SharedPulsar.client(),
                PulsarSettings.builder().closeTimeout(Duration.ofSeconds(1)).build());
        opened.add(without);

        assertThat(without.capabilities()).doesNotContain(Capability.REPLAY);
        assertThat(without.subscribe(group(), batch -> List.of()).positions()).isEmpty();
        assertThat(open().subscribe(new Subscription(topic, "b", "*", 1, true, 3).toEachMember(), batch -> List.of())
                        .positions())
                .isEmpty();
    }
}
