package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.PositionMove;
import dev.tally.transport.QueuePosition;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How far groups have got in streams, and how they are moved. */
class RedisPositionsTest {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private static TestRedis redis;

    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final String topic = "positions" + NAMES.incrementAndGet();

    @BeforeAll
    static void startRedis() throws Exception {
        redis = TestRedis.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    @AfterEach
    void closeTransports() {
        opened.forEach(Transport::close);
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
    }

    private RedisTransport open() {
        RedisTransport transport = redis.transport(
                TestRedis.settings("member" + NAMES.incrementAndGet()).build());
        opened.add(transport);
        return transport;
    }

    private Subscription group() {
        return new Subscription(topic, "group", "*", 4, true, 5);
    }

    private List<String> send(Transport transport, int from, int to) {
        List<Message> messages = new ArrayList<>();
        for (int i = from; i < to; i++) {
            messages.add(new Message(
                    new MessageId(topic + '-' + i),
                    Destination.topic(topic),
                    "key-" + i % 16,
                    "text",
                    Headers.empty(),
                    RedisKeys.bytes(Integer.toString(i))));
        }
        transport.send(messages).forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
        return messages.stream().map(message -> message.id().value()).toList();
    }

    private static Instant redisTime() {
        List<Long> secondsAndMicros = redis.with(connection -> connection.sync().time()).stream()
                .map(RedisKeys::text)
                .map(Long::valueOf)
                .toList();
        return Instant.ofEpochMilli(secondsAndMicros.get(0) * 1_000 + secondsAndMicros.get(1) / 1_000);
    }

    private static long lag(SubscriptionPositions positions) {
        return positions.read(false).stream().mapToLong(QueuePosition::lag).sum();
    }

    @Test
    void namesIdsByNumbersInTheirOrder() {
        for (String id : List.of("0-1", "7-0", "1700000000000-0", "1700000000000-5", "8796093022207-1048575")) {
            assertThat(EntryPosition.id(EntryPosition.of(id))).isEqualTo(id);
        }
        assertThat(EntryPosition.of("1700000000001-0")).isGreaterThan(EntryPosition.of("1700000000000-1048575"));
        assertThat(EntryPosition.of("5-18446744073709551615")).isEqualTo(EntryPosition.of("5-1048575"));
        assertThat(EntryPosition.idBefore(EntryPosition.of("9-0"))).isEqualTo("8-18446744073709551615");
        assertThat(EntryPosition.idBefore(EntryPosition.of("9-4"))).isEqualTo("9-3");
        assertThat(EntryPosition.idBefore(0)).isEqualTo("0-0");
        assertThatThrownBy(() -> EntryPosition.of("8796093022208-0"))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("8796093022208-0");
    }

    @Test
    void countsWhatWaitsAndWhatIsBeingHandled() throws Exception {
        redis.createTopic(topic, 3);
        RedisTransport transport = open();
        CompletableFuture<Void> go = new CompletableFuture<Void>().orTimeout(60, TimeUnit.SECONDS);
        ReceivedMessages received = new ReceivedMessages();
        ActiveSubscription subscription = transport.subscribe(group(), received.handler(message -> {
            go.join();
            return new DeliveryOutcome.Delivered();
        }));
        SubscriptionPositions positions = subscription.positions().orElseThrow();
        patiently().until(() -> positions.read(false).stream().allMatch(QueuePosition::owned));
        assertThat(positions.read(true)).allSatisfy(queue -> {
            assertThat(queue.lag()).isZero();
            assertThat(queue.oldest()).isNull();
        });

        Instant before = Instant.now();
        send(transport, 0, 300);
        assertThat(lag(positions)).isEqualTo(300);
        assertThat(positions.read(true)).allSatisfy(queue -> assertThat(queue.oldest())
                .isBetween(before.minusSeconds(1), Instant.now().plusSeconds(1)));

        go.complete(null);
        patiently().until(() -> lag(positions) == 0);
        assertThat(positions.read(false))
                .allSatisfy(queue ->
                        assertThat(queue.acknowledged()).isEqualTo(queue.end()).isGreaterThan(queue.first()));
    }

    @Test
    void estimatesALongBacklog() {
        redis.createTopic(topic, 1);
        RedisTransport transport = open();
        ActiveSubscription subscription = transport.subscribe(
                group(), new ReceivedMessages().handler(message -> new DeliveryOutcome.Delivered()));
        subscription.control().orElseThrow().pause();
        SubscriptionPositions positions = subscription.positions().orElseThrow();
        patiently().until(() -> positions.read(false).get(0).owned());
        for (int i = 0; i < 15; i++) {
            send(transport, i * 1_000, (i + 1) * 1_000);
        }

        assertThat(lag(positions)).isBetween(StreamPositions.COUNTED + 1L, 30_000L);
    }

    @Test
    void movesTheWholeGroupThereAndBackWhoeverHasThePartitions() throws Exception {
        redis.createTopic(topic, 4);
        RedisTransport one = open();
        RedisTransport two = open();
        ReceivedMessages received = new ReceivedMessages();
        SubscriptionPositions positions = one.subscribe(
                        group(), received.handler(message -> new DeliveryOutcome.Delivered()))
                .positions()
                .orElseThrow();
        two.subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));
        patiently()
                .until(() -> positions.read(false).stream()
                                .filter(QueuePosition::owned)
                                .count()
                        == 2);
        List<String> old = send(one, 0, 200);
        patiently().until(() -> received.ids().containsAll(old) && lag(positions) == 0);
        Instant last = redisTime();
        patiently().until(() -> redisTime().isAfter(last));
        Instant time = redisTime();
        patiently().until(() -> redisTime().isAfter(time));
        List<String> young = send(two, 200, 500);
        patiently().until(() -> received.ids().containsAll(young) && lag(positions) == 0);

        List<PositionMove> moves = positions.planTo(time);
        assertThat(moves).hasSize(4);
        assertThat(moves.stream().mapToLong(PositionMove::replayed).sum()).isEqualTo(300);
        assertThat(moves).allSatisfy(move -> assertThat(move.since()).isAfterOrEqualTo(time));
        positions.seek(moves);

        patiently().until(() -> received.ids().size() == 800 && lag(positions) == 0);
        assertThat(young).allSatisfy(id -> assertThat(Collections.frequency(received.ids(), id))
                .isEqualTo(2));
        assertThat(old).allSatisfy(id -> assertThat(Collections.frequency(received.ids(), id))
                .isEqualTo(1));

        assertThat(positions.planTo(Instant.now().plusSeconds(60)))
                .allSatisfy(move -> assertThat(move.replayed() + move.skipped()).isZero());
        send(one, 500, 520);
        patiently().until(() -> received.ids().size() == 820);
    }

    @Test
    void dropsWhatMembersHaveInMemoryAndSkipsIt() throws Exception {
        redis.createTopic(topic, 1);
        RedisTransport transport = open();
        CompletableFuture<Void> go = new CompletableFuture<Void>().orTimeout(60, TimeUnit.SECONDS);
        ReceivedMessages received = new ReceivedMessages();
        SubscriptionPositions positions = transport
                .subscribe(group(), received.handler(message -> {
                    go.join();
                    return new DeliveryOutcome.Delivered();
                }))
                .positions()
                .orElseThrow();
        send(transport, 0, 400);
        patiently().until(() -> !received.ids().isEmpty());

        PositionMove end = positions.planTo("0", positions.read(false).get(0).end());
        assertThat(end.skipped()).isEqualTo(400);
        positions.seek(List.of(end));
        assertThat(lag(positions)).isZero();
        patiently().until(() -> !positions.read(false).get(0).owned());
        patiently().until(() -> positions.read(false).get(0).owned());
        go.complete(null);
        List<String> later = send(transport, 400, 410);

        patiently().until(() -> received.ids().containsAll(later));
        int running = 4 * Subscription.DEFAULT_BATCH;
        assertThat(received.ids()).hasSizeLessThanOrEqualTo(running + later.size());
    }

    @Test
    void refusesWhereThereIsNoSuchPlace() {
        redis.createTopic(topic, 1);
        RedisTransport transport = open();
        SubscriptionPositions positions = transport
                .subscribe(group(), new ReceivedMessages().handler(message -> new DeliveryOutcome.Delivered()))
                .positions()
                .orElseThrow();
        send(transport, 0, 1);
        patiently().until(() -> lag(positions) == 0);
        QueuePosition only = positions.read(false).get(0);

        assertThatThrownBy(() -> positions.planTo("7", 0))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("there is no partition '7'");
        assertThatThrownBy(() -> positions.planTo("0", only.end() + 1))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("it has the positions from " + only.first() + " to " + only.end());
    }
}
