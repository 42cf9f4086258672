package dev.tally.transport.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;

/** What this transport promises beside the contracts, at a real server. */
class RabbitMqBehaviourTest {

    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    static Path directory;

    static @Nullable ContractBroker broker;

    private final List<RabbitMqTransport> opened = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void startBroker() {
        broker = new ContractBroker(directory);
    }

    @AfterAll
    static void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @AfterEach
    void closeTransports() {
        opened.forEach(RabbitMqTransport::close);
    }

    private RabbitMqTransport open(RabbitMqSettings settings) {
        RabbitMqTransport transport = new RabbitMqTransport(settings);
        opened.add(transport);
        return transport;
    }

    private RabbitMqTransport open() {
        return open(broker.settings().build());
    }

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    private static String name(String prefix) {
        return prefix + "-" + NAMES.incrementAndGet();
    }

    private static Message message(String topic, @Nullable String key, String text) {
        return new Message(
                new MessageId(name("m")),
                Destination.topic(topic),
                key,
                "text",
                Headers.empty(),
                text.getBytes(StandardCharsets.UTF_8));
    }

    private static SendOutcome send(RabbitMqTransport transport, Message message) {
        return transport.send(List.of(message)).get(0).join();
    }

    private static Subscription ordered(String topic, String group) {
        return new Subscription(topic, group, "*", 4, true, 3);
    }

    private static GetResponse take(String queue) {
        List<GetResponse> taken = new ArrayList<>();
        try (Connection connection = broker.server().connect()) {
            Channel channel = connection.createChannel();
            patiently().until(() -> {
                GetResponse got = channel.basicGet(queue, true);
                return got != null && taken.add(got);
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot take from " + queue, e);
        }
        return taken.get(0);
    }

    @Test
    void failsOrDropsWhatNoQueueWouldGet() {
        String topic = name("unroutable");
        RabbitMqTransport failing = open();
        RabbitMqTransport dropping =
                open(broker.settings().unroutable(Unroutable.DROP).build());

        assertThat(send(failing, message(topic, "k", "x"))).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.reason()).contains("no queue is bound to exchange '" + topic + "'");
        });
        assertThat(send(dropping, message(topic, "k", "x"))).isInstanceOf(SendOutcome.Sent.class);

        ReceivedMessages received = new ReceivedMessages();
        failing.subscribe(ordered(topic, "g"), received.handler(each -> new DeliveryOutcome.Delivered()));
        Message later = message(topic, "k", "later");
        assertThat(send(failing, later)).isInstanceOf(SendOutcome.Sent.class);
        patiently().until(() -> received.ids().contains(later.id().value()));
        assertThat(received.ids()).hasSize(1);
    }

    @Test
    void showsOthersAMessageInAmqpsOwnWords() throws Exception {
        String topic = name("wire");
        RabbitMqTransport transport =
                open(broker.settings().cloudEventSource("/orders").build());
        try (Connection connection = broker.server().connect()) {
            Channel channel = connection.createChannel();
            broker.createTopic(topic);
            channel.queueDeclare(topic + ".theirs", true, false, false, Map.of());
            channel.queueBind(topic + ".theirs", topic, "order.*");
        }
        Message message = new Message(
                new MessageId("wire-1"),
                Destination.topic(topic),
                "order.7",
                "OrderPlaced",
                Headers.empty().with(Headers.CONTENT_TYPE, "application/json").with("traceparent", "00-1"),
                new byte[] {1});

        assertThat(send(transport, message)).isInstanceOf(SendOutcome.Sent.class);

        GetResponse got = take(topic + ".theirs");
        assertThat(got.getEnvelope().getRoutingKey()).isEqualTo("order.7");
        assertThat(got.getProps().getMessageId()).isEqualTo("wire-1");
        assertThat(got.getProps().getContentType()).isEqualTo("application/json");
        assertThat(got.getProps().getType()).isEqualTo("OrderPlaced");
        assertThat(got.getProps().getDeliveryMode()).isEqualTo(2);
        assertThat(got.getProps().getTimestamp()).isNotNull();
        assertThat(text(got, "cloudEvents:source")).isEqualTo("/orders");
        assertThat(text(got, "cloudEvents:id")).isEqualTo("wire-1");
        assertThat(text(got, "traceparent")).isEqualTo("00-1");
    }

    private static String text(GetResponse got, String header) {
        return String.valueOf(got.getProps().getHeaders().get(header));
    }

    @Test
    void tellsInADeadLetterWhyItIsOne() {
        String topic = name("reasons");
        RabbitMqTransport transport = open();
        transport.subscribe(
                ordered(topic, "g"),
                batch -> List.of(new DeliveryOutcome.DeadLetter("cannot be read: " + "x".repeat(5_000))));

        Message bad = message(topic, "k", "bad");
        assertThat(send(transport, bad)).isInstanceOf(SendOutcome.Sent.class);

        GetResponse dead = take(topic + ".g.dlq");
        assertThat(dead.getProps().getMessageId()).isEqualTo(bad.id().value());
        assertThat(dead.getBody()).isEqualTo("bad".getBytes(StandardCharsets.UTF_8));
        assertThat(text(dead, DeadLetters.REASON)).startsWith("cannot be read").hasSize(1_003);
        assertThat(text(dead, DeadLetters.EXCHANGE)).isEqualTo(topic);
        assertThat(text(dead, DeadLetters.ROUTING_KEY)).isEqualTo("k");
        assertThat(text(dead, DeadLetters.GROUP)).isEqualTo("g");
    }

    @Test
    void keepsADeadLetterWhoseQueueWasDeletedUntilItIsThereAgain() throws Exception {
        String topic = name("deleted-dlq");
        RabbitMqTransport transport = open();
        CompletableFuture<Void> release = new CompletableFuture<>();
        AtomicInteger handled = new AtomicInteger();
        transport.subscribe(ordered(topic, "g"), batch -> {
            if (handled.getAndAdd(batch.size()) > 0) {
                release.join();
            }
            return Collections.nCopies(batch.size(), new DeliveryOutcome.DeadLetter("no"));
        });
        Message first = message(topic, "k", "first");
        Message second = message(topic, "k", "second");
        send(transport, first);
        assertThat(take(topic + ".g.dlq").getProps().getMessageId())
                .isEqualTo(first.id().value());
        send(transport, second);
        try (Connection connection = broker.server().connect()) {
            connection.createChannel().queueDelete(topic + ".g.dlq");
        }
        release.complete(null);

        patiently().until(() -> isThere(topic + ".g.dlq"));
        assertThat(take(topic + ".g.dlq").getProps().getMessageId())
                .isEqualTo(second.id().value());
    }

    private static boolean isThere(String queue) {
        try (Connection connection = broker.server().connect()) {
            connection.createChannel().queueDeclarePassive(queue);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void deadLettersForeignMessagesWithoutAnIdOrGivesThemOne() {
        String topic = name("no-id");
        ReceivedMessages received = new ReceivedMessages();
        open().subscribe(ordered(topic, "refusing"), received.handler(each -> new DeliveryOutcome.Delivered()));
        List<String> ids = new CopyOnWriteArrayList<>();
        open(broker.settings().foreignWithoutId(ForeignWithoutId.CONTENT).build())
                .subscribe(ordered(topic, "taking"), batch -> {
                    batch.forEach(each -> ids.add(each.message().id().value()));
                    return Collections.nCopies(
                            batch.size(),
                            ids.size() < 2 ? new DeliveryOutcome.Retry("again") : new DeliveryOutcome.Delivered());
                });

        broker.publish(topic, "k", new AMQP.BasicProperties(), new byte[] {7});

        GetResponse dead = take(topic + ".refusing.dlq");
        assertThat(text(dead, DeadLetters.REASON)).contains("message-id");
        assertThat(dead.getBody()).containsExactly(7);
        patiently().until(() -> ids.size() == 2);
        assertThat(ids.get(0)).isEqualTo(ids.get(1)).hasSize(64);
        assertThat(received.ids()).isEmpty();
    }

    @Test
    void refusesAQueueThatWasDeclaredOtherwise() {
        String topic = name("otherwise");
        open().subscribe(ordered(topic, "g"), batch -> List.of());

        assertThatThrownBy(() -> open().subscribe(new Subscription(topic, "g", "*", 4, false, 3), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("group 'g'")
                .hasMessageContaining("x-single-active-consumer")
                .hasMessageContaining("declared otherwise");
    }

    @Test
    void refusesTwoGroupsWithOneQueue() {
        String topic = name("two");
        RabbitMqTransport transport = open();
        transport.subscribe(ordered(topic, "a.b"), batch -> List.of());

        assertThatThrownBy(() -> transport.subscribe(ordered(topic + ".a", "b"), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("'" + topic + ".a.b'");
        assertThatThrownBy(() -> transport.subscribe(ordered(topic, "g".repeat(250)), batch -> List.of()))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("255");
    }

    @Test
    void waitsForWhatItMayNotCreate() {
        String topic = name("forbidden");
        RabbitMqTransport careful =
                open(broker.settings().createMissingTopics(false).build());
        ReceivedMessages received = new ReceivedMessages();
        careful.subscribe(ordered(topic, "g"), received.handler(each -> new DeliveryOutcome.Delivered()));
        Message message = message(topic, "k", "x");

        assertThat(send(careful, message)).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
            assertThat(failed.retryable()).isTrue();
            assertThat(failed.reason()).contains("exchange '" + topic + "' does not exist");
        });
        broker.createGroup(topic, "g", true);

        patiently().until(() -> send(careful, message) instanceof SendOutcome.Sent);
        patiently().until(() -> received.ids().contains(message.id().value()));
    }

    @Test
    void goesOnWithAnotherQueueWhenItsOwnIsDeleted() throws Exception {
        String topic = name("deleted");
        RabbitMqTransport transport = open();
        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(ordered(topic, "g"), received.handler(each -> new DeliveryOutcome.Delivered()));
        try (Connection connection = broker.server().connect()) {
            connection.createChannel().queueDelete(topic + ".g");
        }

        Message message = message(topic, "k", "x");
        patiently().until(() -> send(transport, message) instanceof SendOutcome.Sent);

        patiently().until(() -> received.ids().contains(message.id().value()));
    }

    @Test
    void acknowledgesNothingOfALostConnectionOnTheNextOne() {
        String topic = name("lost");
        CachingConnectionFactory connections = broker.connections();
        RabbitMqTransport member = open(RabbitMqSettings.builder(connections)
                .closeTimeout(Duration.ofSeconds(1))
                .build());
        CompletableFuture<Void> entered = new CompletableFuture<>();
        CompletableFuture<Void> release = new CompletableFuture<>();
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        member.subscribe(ordered(topic, "g"), batch -> {
            batch.forEach(each -> attempts.add(each.attempt()));
            entered.complete(null);
            release.join();
            return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
        });
        RabbitMqTransport sender = open();
        send(sender, message(topic, "k", "x"));
        entered.orTimeout(90, TimeUnit.SECONDS).join();

        connections.resetConnection();
        patiently().until(() -> consumers(topic + ".g") == 1);
        release.complete(null);

        patiently().until(() -> attempts.size() == 2);
        assertThat(attempts).containsExactly(1, 2);
        // A tag that its channel does not know would have closed it.
        send(sender, message(topic, "k", "y"));
        patiently().until(() -> attempts.size() == 3);
        assertThat(attempts.get(2)).isEqualTo(1);
    }

    private static long consumers(String queue) {
        try (Connection connection = broker.server().connect()) {
            return connection.createChannel().consumerCount(queue);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot ask for " + queue, e);
        }
    }

    @Test
    void keepsTheOrderOfEachKeyWhileConnectionsBreak() {
        String topic = name("breaks");
        Map<String, Set<Integer>> arrived = new LinkedHashMap<>();
        List<CachingConnectionFactory> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            CachingConnectionFactory connections = broker.connections();
            members.add(connections);
            open(RabbitMqSettings.builder(connections)
                            .closeTimeout(Duration.ofSeconds(1))
                            .build())
                    .subscribe(new Subscription(topic, "g", "*", 4, true, 10_000, 4, 4, 400, false), batch -> {
                        synchronized (arrived) {
                            batch.forEach(each -> arrived.computeIfAbsent(
                                            String.valueOf(each.message().key()), key -> new LinkedHashSet<>())
                                    .add(Integer.valueOf(
                                            new String(each.message().payload(), StandardCharsets.UTF_8))));
                        }
                        return Collections.nCopies(batch.size(), new DeliveryOutcome.Delivered());
                    });
        }
        RabbitMqTransport sender = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 1_200; i++) {
            messages.add(message(topic, "key-" + i % 6, Integer.toString(i)));
        }
        sender.send(messages).forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));

        for (int breaks = 1; breaks <= 4; breaks++) {
            int enough = breaks * 150;
            patiently().until(() -> distinct(arrived) >= enough);
            members.get(breaks % 2).resetConnection();
        }

        patiently().until(() -> distinct(arrived) == messages.size());
        synchronized (arrived) {
            arrived.forEach((key, numbers) -> assertThat(List.copyOf(numbers))
                    .as("first arrivals of %s", key)
                    .isSorted());
        }
    }

    private static int distinct(Map<String, Set<Integer>> arrived) {
        synchronized (arrived) {
            return arrived.values().stream().mapToInt(Set::size).sum();
        }
    }
}
