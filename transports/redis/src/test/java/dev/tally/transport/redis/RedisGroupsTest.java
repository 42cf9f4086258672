package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.TransportException;
import io.lettuce.core.RedisClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How the members of a group share partitions, take over from each other, and outlive what happens to connections. */
class RedisGroupsTest {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private static TestRedis redis;

    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final String topic = "topic" + NAMES.incrementAndGet();

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
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(20));
    }

    private RedisTransport open() {
        return open(redis.server.uri(), Duration.ofSeconds(10));
    }

    private RedisTransport open(String uri, Duration leaseTime) {
        RedisTransport transport = new RedisTransport(
                RedisClient.create(uri),
                TestRedis.settings("member" + NAMES.incrementAndGet())
                        .leaseTime(leaseTime)
                        .build());
        opened.add(transport);
        return transport;
    }

    private Subscription group() {
        return new Subscription(topic, "group", "*", 4, true, 5);
    }

    private Message message(String key, String text) {
        return new Message(
                new MessageId(topic + '-' + text),
                Destination.topic(topic),
                key,
                "text",
                Headers.empty(),
                RedisKeys.bytes(text));
    }

    private static void send(Transport transport, Message... messages) {
        transport.send(List.of(messages)).forEach(outcome -> assertThat(outcome.join())
                .isInstanceOf(SendOutcome.Sent.class));
    }

    @Test
    void sharesPartitionsWithWhoComesAndTakesThemBackFromWhoLeaves() throws Exception {
        redis.createTopic(topic, 6);
        FirstArrivals arrivals = new FirstArrivals();
        SteadySender sender = new SteadySender(open(), topic);
        RedisTransport first = open();
        first.subscribe(group(), arrivals.member("first"));
        patiently().until(() -> arrivals.of("first") > 100);

        RedisTransport second = open();
        second.subscribe(group(), arrivals.member("second"));
        patiently().until(() -> arrivals.of("second") > 100);
        RedisTransport third = open();
        third.subscribe(group(), arrivals.member("third"));
        patiently().until(() -> arrivals.of("third") > 100);
        patiently().until(() -> leases().values().stream().distinct().count() == 3);
        assertThat(leases()).hasSize(6);
        assertThat(Collections.frequency(new ArrayList<>(leases().values()), leases().get(0)))
                .isEqualTo(2);

        first.close();
        int before = arrivals.of("second") + arrivals.of("third");
        patiently()
                .until(() -> leases().size() == 6
                        && leases().values().stream().distinct().count() == 2);
        patiently().until(() -> arrivals.of("second") + arrivals.of("third") > before + 500);
        second.close();
        patiently()
                .until(() -> leases().size() == 6
                        && leases().values().stream().distinct().count() == 1);

        int sent = sender.stop();
        patiently().until(() -> arrivals.distinct() == sent);
        arrivals.assertOrder();
    }

    /** Members by partition. */
    private Map<Integer, String> leases() {
        return redis.with(connection -> {
            Map<Integer, String> members = new java.util.TreeMap<>();
            for (int partition = 0; partition < 6; partition++) {
                byte[] token = connection.sync().get(TestRedis.KEYS.lease(topic, partition, "group"));
                if (token != null) {
                    members.put(partition, RedisKeys.text(token).split(":")[0]);
                }
            }
            return members;
        });
    }

    @Test
    void losesNothingAndKeepsTheOrderWhileConnectionsAreCut() throws Exception {
        redis.createTopic(topic, 3);
        FirstArrivals arrivals = new FirstArrivals();
        try (CuttableProxy proxy = new CuttableProxy(redis.server.port())) {
            SteadySender sender = new SteadySender(open(proxy.uri(), Duration.ofSeconds(10)), topic);
            open(proxy.uri(), Duration.ofSeconds(10)).subscribe(group(), arrivals.member("member"));
            for (int cut = 0; cut < 15; cut++) {
                int sent = sender.confirmed();
                int arrived = arrivals.distinct();
                patiently().until(() -> sender.confirmed() > sent + 50 && arrivals.distinct() > arrived + 20);
                proxy.cut();
            }
            int sent = sender.stop();
            assertThat(sender.failures()).as("sends that were cut").isPositive();
            patiently().until(() -> arrivals.distinct() == sent);
            arrivals.assertOrder();
        }
    }

    @Test
    void beginsNothingMoreWhenItsLeaseHasRunOutWhileItHeardNothing() throws Exception {
        redis.createTopic(topic, 1);
        try (CuttableProxy proxy = new CuttableProxy(redis.server.port())) {
            RedisTransport lonely = open(proxy.uri(), Duration.ofSeconds(2));
            CompletableFuture<Void> entered = new CompletableFuture<>();
            CompletableFuture<Void> release = new CompletableFuture<>();
            List<String> handled = new CopyOnWriteArrayList<>();
            RedisTransport sender = open();
            send(sender, message("k", "one"), message("k", "two"));
            send(sender, message("other", "three"));
            lonely.subscribe(new Subscription(topic, "group", "*", 1, true, 5).withBatch(1), batch -> {
                handled.add(RedisKeys.text(batch.get(0).message().payload()));
                entered.complete(null);
                release.join();
                return List.of(new DeliveryOutcome.Delivered());
            });
            entered.get(60, TimeUnit.SECONDS);
            proxy.freeze();

            ReceivedMessages taken = new ReceivedMessages();
            open(redis.server.uri(), Duration.ofSeconds(2))
                    .subscribe(group(), taken.handler(message -> new DeliveryOutcome.Delivered()));
            patiently().until(() -> taken.ids().size() >= 3);
            assertThat(taken.attemptsOf(topic + "-one")).containsExactly(2);
            release.complete(null);
            proxy.thaw();

            Message late = message("k", "four");
            send(sender, late);
            patiently().until(() -> taken.ids().contains(late.id().value()) || handled.contains("four"));
            assertThat(handled).doesNotContain("two", "three");
        }
    }

    @Test
    void waitsForRunningHandlersBeforeAPartitionGoesToAnotherMember() throws Exception {
        redis.createTopic(topic, 2);
        String key = IntStream.range(0, 100)
                .mapToObj(Integer::toString)
                .filter(each -> RedisKeys.partitionOf(each, 2) == 1)
                .findFirst()
                .orElseThrow();
        RedisTransport first = new RedisTransport(
                RedisClient.create(redis.server.uri()),
                TestRedis.settings("first" + topic)
                        .closeTimeout(Duration.ofSeconds(60))
                        .build());
        opened.add(first);
        CompletableFuture<Void> entered = new CompletableFuture<>();
        CompletableFuture<Void> release = new CompletableFuture<>();
        List<String> handled = new CopyOnWriteArrayList<>();
        send(first, message(key, "one"), message(key, "two"));
        first.subscribe(group().withBatch(1), batch -> {
            handled.add(RedisKeys.text(batch.get(0).message().payload()));
            entered.complete(null);
            release.join();
            return List.of(new DeliveryOutcome.Delivered());
        });
        entered.get(60, TimeUnit.SECONDS);
        ReceivedMessages received = new ReceivedMessages();
        open().subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));

        patiently().until(() -> leases().values().stream().distinct().count() == 1 && members() == 2);
        await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(60)).until(() -> received.ids()
                .isEmpty());
        release.complete(null);

        patiently().until(() -> received.ids().contains(topic + "-two"));
        assertThat(received.ids()).containsExactly(topic + "-two");
        assertThat(handled).containsExactly("one");
        assertThat(received.attemptsOf(topic + "-two")).containsExactly(1);
    }

    private long members() {
        return redis.with(connection -> connection.sync().zcard(TestRedis.KEYS.members(topic, "group")));
    }

    @Test
    void goesOnCountingAttemptsWhereAnotherMemberWasAndLeavesAloneWhatWasNotTried() {
        redis.createTopic(topic, 1);
        RedisTransport first = open();
        AtomicInteger failures = new AtomicInteger();
        send(first, message("bad", "bad"), message("bad", "behind"));
        first.subscribe(group(), batch -> {
            failures.incrementAndGet();
            return Collections.nCopies(batch.size(), new DeliveryOutcome.Retry("not yet"));
        });
        patiently().until(() -> failures.get() == 3);
        first.close();

        ReceivedMessages received = new ReceivedMessages();
        open().subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));

        patiently().until(() -> received.ids().size() == 2);
        assertThat(received.attemptsOf(topic + "-bad")).containsExactly(failures.get() + 1);
        assertThat(received.attemptsOf(topic + "-behind")).containsExactly(1);
    }

    @Test
    void goesOnCountingAttemptsWhereAMemberDied() throws Exception {
        redis.createTopic(topic, 1);
        AtomicInteger failures = new AtomicInteger();
        send(open(), message("bad", "bad"));
        try (CuttableProxy proxy = new CuttableProxy(redis.server.port())) {
            open(proxy.uri(), Duration.ofSeconds(1)).subscribe(group(), batch -> {
                failures.incrementAndGet();
                return Collections.nCopies(batch.size(), new DeliveryOutcome.Retry("not yet"));
            });
            patiently().until(() -> failures.get() == 3);
            proxy.freeze();
            ReceivedMessages received = new ReceivedMessages();
            open().subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));

            patiently().until(() -> received.ids().size() == 1);
            assertThat(received.attemptsOf(topic + "-bad").get(0)).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void makesItsGroupAnewWhenRedisHasLostEverything() {
        redis.createTopic(topic, 2);
        ReceivedMessages received = new ReceivedMessages();
        RedisTransport transport = open(redis.server.uri(), Duration.ofSeconds(2));
        transport.subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));
        send(transport, message("k", "before"));
        patiently().until(() -> received.ids().size() == 1);

        redis.with(connection -> connection.sync().flushall());
        send(transport, message("k", "after"));

        patiently().until(() -> received.ids().contains(topic + "-after"));
    }

    @Test
    @SuppressWarnings("unchecked") // an array of one offset
    void goesOnWithTheNextWhenAnEntryWasRemovedBeforeItWasAcknowledged() {
        redis.createTopic(topic, 1);
        RedisTransport transport = open();
        byte[] stream = TestRedis.KEYS.stream(topic, 0);
        send(transport, message("k", "removed"), message("k", "kept"));
        redis.with(connection -> {
            connection
                    .sync()
                    .xgroupCreate(io.lettuce.core.XReadArgs.StreamOffset.from(stream, "0-0"), RedisKeys.bytes("group"));
            var read = connection
                    .sync()
                    .xreadgroup(
                            io.lettuce.core.Consumer.from(RedisKeys.bytes("group"), RedisKeys.bytes("somebody")),
                            io.lettuce.core.XReadArgs.StreamOffset.lastConsumed(stream));
            return connection.sync().xdel(stream, read.get(0).getId());
        });

        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));

        patiently().until(() -> received.ids().contains(topic + "-kept"));
        assertThat(received.ids()).containsExactly(topic + "-kept");
        patiently().until(() -> pending(stream) == 0);
    }

    private static long pending(byte[] stream) {
        return redis.with(connection ->
                connection.sync().xpending(stream, RedisKeys.bytes("group")).getCount());
    }

    @Test
    void acknowledgesWhatIsDeadLetteredOnlyWhenItIsKept() {
        redis.createTopic(topic, 1);
        RedisTransport transport = open();
        String dead = topic + ":group:dead";
        byte[] inTheWay = TestRedis.KEYS.stream(dead, 0);
        redis.createTopic(dead, 1);
        redis.with(connection -> connection.sync().set(inTheWay, RedisKeys.bytes("no stream")));
        send(transport, message("k", "bad"), message("k", "next"));
        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(
                group(),
                received.handler(message -> RedisKeys.text(message.payload()).equals("bad")
                        ? new DeliveryOutcome.DeadLetter("x".repeat(5_000))
                        : new DeliveryOutcome.Delivered()));
        patiently().until(() -> received.ids().contains(topic + "-next"));
        patiently().until(() -> pending(TestRedis.KEYS.stream(topic, 0)) == 1);

        redis.with(connection -> connection.sync().del(inTheWay));

        ReceivedMessages letters = new ReceivedMessages();
        transport.subscribe(
                new Subscription(dead, "readers", "*", 1, true, 3),
                letters.handler(message -> new DeliveryOutcome.Delivered()));
        patiently().until(() -> letters.ids().contains(topic + "-bad"));
        Headers headers = letters.message(topic + "-bad").headers();
        assertThat(headers.get(DeadLetters.REASON)).startsWith("xxx").hasSizeLessThan(5_000);
        assertThat(headers.get(DeadLetters.TOPIC)).isEqualTo(topic);
        assertThat(headers.get(DeadLetters.GROUP)).isEqualTo("group");
        assertThat(headers.get(DeadLetters.ATTEMPTS)).isEqualTo("1");
        patiently().until(() -> pending(TestRedis.KEYS.stream(topic, 0)) == 0);
    }

    @Test
    void readsAFullWindowAndNoMoreUntilItIsHandled() {
        redis.createTopic(topic, 1);
        RedisTransport transport = new RedisTransport(
                RedisClient.create(redis.server.uri()),
                TestRedis.settings("small" + NAMES.incrementAndGet()).window(10).build());
        opened.add(transport);
        for (int i = 0; i < 100; i++) {
            send(transport, message("key-" + i, Integer.toString(i)));
        }
        CompletableFuture<Void> release = new CompletableFuture<>();
        AtomicInteger handled = new AtomicInteger();
        transport.subscribe(group(), batch -> {
            release.join();
            handled.addAndGet(batch.size());
            return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
        });
        byte[] stream = TestRedis.KEYS.stream(topic, 0);
        patiently().until(() -> pendingIfThere(stream) >= 10);
        await().during(Duration.ofMillis(1_500)).atMost(Duration.ofSeconds(60)).until(() -> pending(stream) == 10);
        release.complete(null);

        patiently().until(() -> handled.get() == 100);
    }

    private static long pendingIfThere(byte[] stream) {
        try {
            return pending(stream);
        } catch (io.lettuce.core.RedisException e) {
            return -1; // no group yet
        }
    }

    @Test
    void refusesASecondSubscriptionAndNamesThatMoveHashTags() {
        RedisTransport transport = open();
        transport.subscribe(group(), batch -> List.of());
        assertThatThrownBy(() -> transport.subscribe(group(), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("a second time");
        assertThatThrownBy(
                        () -> transport.subscribe(new Subscription("a{b}", "g", "*", 1, true, 1), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("brace");
        Message braces =
                new Message(new MessageId("b"), Destination.topic("a{b}"), null, "t", Headers.empty(), new byte[0]);
        assertThat(transport.refusal(braces))
                .hasValueSatisfying(text -> assertThat(text).contains("brace"));
    }

    @Test
    void startsBeforeItsRedisAndIsNotHeldUpByOneThatIsHalted() throws Exception {
        try (TestRedis late = TestRedis.start()) {
            late.server.kill();
            RedisTransport transport = new RedisTransport(
                    RedisClient.create(late.server.uri()),
                    TestRedis.settings("early")
                            .sendTimeout(Duration.ofSeconds(2))
                            .build());
            opened.add(transport);
            assertThat(transport.send(List.of(message("k", "lost"))).get(0).get(60, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
                        assertThat(failed.retryable()).isTrue();
                        assertThat(failed.reason()).contains(topic).contains(topic + "-lost");
                    });
            ReceivedMessages received = new ReceivedMessages();
            transport.subscribe(group(), received.handler(message -> new DeliveryOutcome.Delivered()));
            late.server.start();
            Message first = message("k", "first");
            patiently().until(() -> transport.send(List.of(first)).get(0).join() instanceof SendOutcome.Sent);
            patiently().until(() -> received.ids().contains(first.id().value()));

            late.server.signal("STOP");
            SendOutcome outcome =
                    transport.send(List.of(message("k", "halted"))).get(0).get(60, TimeUnit.SECONDS);
            assertThat(outcome)
                    .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                            .isTrue());
            CompletableFuture.runAsync(transport::close).get(60, TimeUnit.SECONDS);
            late.server.signal("CONT");
        }
    }
}
