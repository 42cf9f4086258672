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
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.TransportException;
import dev.tally.transport.pulsar.server.PulsarServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.PulsarClient;
import org.apache.pulsar.client.api.PulsarClientException;
import org.apache.pulsar.client.api.Schema;
import org.apache.pulsar.client.api.SubscriptionInitialPosition;
import org.apache.pulsar.client.api.SubscriptionType;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What this transport promises beside the contracts, and what it takes for granted of Pulsar, at a real one. */
class PulsarBrokerTest {

    private static final String RUN = Long.toString(ProcessHandle.current().pid(), 36);

    private final List<PulsarTransport> opened = new ArrayList<>();
    private final PulsarServer server = SharedPulsar.server();

    @AfterEach
    void closeTransports() {
        opened.forEach(PulsarTransport::close);
    }

    @AfterAll
    static void closeClients() {
        SharedPulsar.closeClients();
    }

    @Test
    void delayedMessagesWaitForOrderedGroupsAndBroadcastsToo() {
        String topic = topic("delayed-everywhere", 2);
        PulsarTransport transport = open();
        Map<String, Instant> ordered = new ConcurrentHashMap<>();
        Map<String, Instant> broadcast = new ConcurrentHashMap<>();
        transport.subscribe(new Subscription(topic, "g", "*", 2, true, 3), batch -> noted(ordered, batch));
        transport.subscribe(
                new Subscription(topic, "b", "*", 2, true, 3).toEachMember(), batch -> noted(broadcast, batch));
        Instant due = Instant.now().plusSeconds(3);
        send(transport, delayed(topic, "later", due), message(topic, "now"));

        patiently().until(() -> ordered.size() == 2 && broadcast.size() == 2);
        assertThat(ordered.get("later"))
                .as("Pulsar looks once in a second")
                .isAfter(due.minusMillis(1500))
                .isAfter(ordered.get("now"));
        assertThat(broadcast.get("later")).isAfter(due.minusMillis(1500));
    }

    @Test
    void sendsEachKeyToOneMemberInOrderAlsoWhereManyAreSentTogether() {
        String topic = topic("together", 2);
        List<ReceivedMessages> members = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ReceivedMessages received = new ReceivedMessages();
            open().subscribe(
                            new Subscription(topic, "g", "*", 4, true, 3),
                            received.handler(message -> new DeliveryOutcome.Delivered()));
            members.add(received);
        }
        PulsarTransport sender = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 700; i++) {
            messages.add(new Message(
                    new MessageId("m-" + i),
                    Destination.topic(topic),
                    "key-" + i % 7,
                    "text",
                    Headers.empty(),
                    Integer.toString(i).getBytes(StandardCharsets.UTF_8)));
        }
        for (int from = 0; from < 700; from += 70) {
            send(sender, messages.subList(from, from + 70).toArray(Message[]::new));
        }

        patiently()
                .until(() ->
                        members.stream().mapToInt(member -> member.ids().size()).sum() >= 700);
        for (int key = 0; key < 7; key++) {
            String wanted = "key-" + key;
            List<List<Integer>> numbers = members.stream()
                    .map(member -> member.deliveries().stream()
                            .map(ReceivedMessage::message)
                            .filter(each -> wanted.equals(each.key()))
                            .map(each -> Integer.parseInt(new String(each.payload(), StandardCharsets.UTF_8)))
                            .toList())
                    .filter(ofMember -> !ofMember.isEmpty())
                    .toList();
            assertThat(numbers).as("members that got messages of %s", wanted).hasSize(1);
            assertThat(numbers.get(0)).hasSize(100).isSorted();
        }
    }

    @Test
    void keepsDeadLettersForWhoeverWantsThemWithWhatPulsarWritesToThem() throws Exception {
        String topic = topic("kept", 1);
        PulsarTransport transport = open();
        send(transport, message(topic, "bad"));
        transport.subscribe(new Subscription(topic, "g", "*", 1, true, 3), batch -> batch.stream()
                .<DeliveryOutcome>map(each -> new DeliveryOutcome.DeadLetter("cannot be read"))
                .toList());

        String dead = topic + "-g-DLQ";
        patiently().until(() -> backlog(dead, "dead-letters") == 1);
        patiently().until(() -> backlog(topic, "g") == 0);
        try (Consumer<byte[]> consumer = SharedPulsar.client()
                .newConsumer(Schema.BYTES)
                .topic(dead)
                .subscriptionName("operator")
                .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
                .subscribe()) {
            assertThat(consumer.receive(60, TimeUnit.SECONDS).getProperties())
                    .containsEntry("REAL_TOPIC", "persistent://public/default/" + topic)
                    .containsEntry("REAL_SUBSCRIPTION", "g")
                    .containsKeys("ORIGIN_MESSAGE_ID", "ORIGIN_MESSAGE_IDY_TIME")
                    .containsEntry("tally-id", "bad")
                    .containsEntry("tally-dead-letter-topic", topic)
                    .containsEntry("tally-dead-letter-group", "g")
                    .containsEntry("tally-dead-letter-reason", "cannot be read")
                    .containsEntry("tally-dead-letter-attempts", "1");
        }
    }

    @Test
    void carriesTheLargestMessageThatItDoesNotRefuse() {
        String topic = topic("largest", 1);
        PulsarTransport transport = open();
        int limit = 5 * 1024 * 1024;
        int beside = 2_000;
        Headers headers = Headers.of(Map.of(" ", "x".repeat(beside), "", "a header without a name"));
        int nearly = limit - beside - 1_000;
        int size = nearly;
        while (transport.refusal(sized(topic, headers, size + 1)).isEmpty()) {
            size++;
        }
        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, "g", "*", 1, true, 3),
                received.handler(message -> new DeliveryOutcome.Delivered()));

        send(transport, sized(topic, headers, size));

        patiently().until(() -> received.ids().contains("sized"));
        assertThat(received.message("sized").headers()).isEqualTo(headers);
        assertThat(received.message("sized").payload()).hasSize(size);
    }

    @Test
    void hasNoDeliveryCountSincePulsarDoesNotCountWhatALostMemberHad() throws Exception {
        String topic = topic("uncounted", 1);
        send(open(), message(topic, "m"));
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            PulsarClient client = SharedPulsar.client();
            Consumer<byte[]> consumer = client.newConsumer(Schema.BYTES)
                    .topic(topic)
                    .subscriptionName("g")
                    .subscriptionType(SubscriptionType.Key_Shared)
                    .subscriptionInitialPosition(SubscriptionInitialPosition.Earliest)
                    .subscribe();
            counts.add(consumer.receive(60, TimeUnit.SECONDS).getRedeliveryCount());
            // It waits for its threads, which is of no interest here.
            var unused = CompletableFuture.runAsync(() -> shutDown(client));
        }

        assertThat(counts)
                .as("where this is not so any more, Capability.DELIVERY_COUNT can be offered")
                .containsExactly(0, 0, 0);
    }

    private static void shutDown(PulsarClient client) {
        try {
            client.shutdown();
        } catch (PulsarClientException e) {
            throw new IllegalStateException("Cannot shut a client down", e);
        }
    }

    @Test
    void outlivesABrokerThatIsKilledWithMessagesInHand() throws Exception {
        String topic = topic("in-hand", 1);
        String late = "late-" + RUN;
        PulsarTransport transport = open();
        Held inHand = new Held();
        ActiveSubscription holding =
                transport.subscribe(new Subscription(topic, "g", "*", 1, true, 3).withBatch(1), inHand);
        Held settledMeanwhile = new Held();
        transport.subscribe(new Subscription(topic, "h", "*", 1, true, 3), settledMeanwhile);
        ReceivedMessages broadcast = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, "b", "*", 1, true, 3).toEachMember(),
                broadcast.handler(message -> new DeliveryOutcome.Delivered()));
        send(transport, message(topic, "one"), message(topic, "two"), message(topic, "three"));
        patiently()
                .until(() -> inHand.received.ids().size() == 1
                        && settledMeanwhile.received.ids().size() == 1);
        patiently().until(() -> broadcast.ids().size() == 3);

        server.kill();
        PulsarTransport meanwhile = new PulsarTransport(
                SharedPulsar.client(),
                PulsarSettings.builder()
                        .sendTimeout(Duration.ofMillis(300))
                        .closeTimeout(Duration.ofSeconds(1))
                        .build());
        opened.add(meanwhile);
        ReceivedMessages lately = new ReceivedMessages();
        meanwhile.subscribe(
                new Subscription(late, "g", "*", 1, true, 3),
                lately.handler(message -> new DeliveryOutcome.Delivered()));
        List<CompletableFuture<SendOutcome>> failed =
                meanwhile.send(List.of(message(late, "lost"), message(late, "lost, too")));
        assertThat(failed.stream().map(CompletableFuture::join)).allSatisfy(outcome -> assertThat(outcome)
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failure -> assertThat(failure.retryable())
                        .isTrue()));
        // They take effect, and nobody can be told.
        settledMeanwhile.release.complete(null);
        patiently().until(() -> settledMeanwhile.received.ids().size() == 3);
        server.startAgain();

        send(transport, message(topic, "four"), message(late, "five"));
        patiently().until(() -> lately.ids().contains("five"));
        patiently().until(() -> broadcast.ids().contains("four"));
        assertThat(broadcast.ids()).containsExactly("one", "two", "three", "four");
        // What is in hand, or waits behind it, came again before this one did.
        patiently()
                .until(() -> holding.control().orElseThrow().state(0).waiting() >= 3
                        && settledMeanwhile.received.ids().contains("four"));
        inHand.release.complete(null);
        patiently().until(() -> backlog(topic, "g") == 0 && backlog(topic, "h") == 0);
        assertThat(inHand.received.ids()).containsExactly("one", "two", "three", "four");
        assertThat(settledMeanwhile.received.ids().stream().distinct()).containsExactly("one", "two", "three", "four");
        assertThat(lately.ids()).containsExactly("five");
    }

    @Test
    void goesOnAfterItsTopicWasDeletedByForce() {
        String topic = topic("deleted", 1);
        PulsarTransport transport = open();
        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, "g", "*", 1, true, 3),
                received.handler(message -> new DeliveryOutcome.Delivered()));
        send(transport, message(topic, "before"));
        patiently().until(() -> received.ids().contains("before"));

        server.ask("DELETE", "/admin/v2/persistent/public/default/" + topic + "?force=true", "", 204);

        // Somebody makes it again: the client, or brokers do, or nobody and it is waited for.
        patiently().until(() -> {
            transport.send(List.of(message(topic, "after"))).get(0).join();
            return received.ids().contains("after");
        });
    }

    /** Handles one message at a time, and none before it is released. */
    private static final class Held implements BatchHandler {

        private final ReceivedMessages received = new ReceivedMessages();
        private final CompletableFuture<Void> release = new CompletableFuture<>();

        @Override
        public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
            List<DeliveryOutcome> outcomes = new ArrayList<>();
            for (ReceivedMessage each : batch) {
                received.add(each);
                release.join();
                outcomes.add(new DeliveryOutcome.Delivered());
            }
            return outcomes;
        }
    }

    @Test
    void refusesSubscriptionsThatCannotBe() {
        String topic = topic("refusing", 1);
        PulsarTransport transport = open();
        transport.subscribe(new Subscription(topic, "g", "*", 1, true, 3), batch -> List.of());

        assertThatThrownBy(() -> subscribe(transport, topic, "g"))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("already");
        assertThatThrownBy(() -> subscribe(transport, topic, "a/b"))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("slash");
        assertThatThrownBy(() -> subscribe(transport, "non-persistent://public/default/x", "g"))
                .isInstanceOf(TransportException.class)
                .hasMessageContaining("domain");
    }

    private static void subscribe(PulsarTransport transport, String topic, String group) {
        transport.subscribe(new Subscription(topic, group, "*", 1, true, 3), batch -> List.of());
    }

    private static List<DeliveryOutcome> noted(Map<String, Instant> arrived, List<ReceivedMessage> batch) {
        return batch.stream()
                .<DeliveryOutcome>map(each -> {
                    arrived.putIfAbsent(each.message().id().value(), Instant.now());
                    return new DeliveryOutcome.Delivered();
                })
                .toList();
    }

    private int backlog(String topic, String subscription) {
        String stats = server.ask("GET", "/admin/v2/persistent/public/default/" + topic + "/stats", "", 200);
        String own = stats.substring(stats.indexOf("\"subscriptions\""));
        int at = own.indexOf('"' + subscription + '"');
        if (at < 0) {
            return -1;
        }
        String name = "\"msgBacklog\":";
        String number = own.substring(own.indexOf(name, at) + name.length());
        return Integer.parseInt(number.substring(0, number.indexOf(',')));
    }

    private String topic(String name, int partitions) {
        String topic = name + "-" + RUN;
        server.createTopic(topic, partitions);
        return topic;
    }

    private PulsarTransport open() {
        PulsarTransport transport = (PulsarTransport) SharedPulsar.transport();
        opened.add(transport);
        return transport;
    }

    private static Message message(String topic, String id) {
        return new Message(
                new MessageId(id),
                Destination.topic(topic),
                "k",
                "text",
                Headers.empty(),
                id.getBytes(StandardCharsets.UTF_8));
    }

    private static Message delayed(String topic, String id, Instant due) {
        return new Message(
                new MessageId(id),
                Destination.topic(topic),
                "k",
                "text",
                Headers.empty().with(Headers.DELIVER_AT, Long.toString(due.toEpochMilli())),
                new byte[0]);
    }

    private static Message sized(String topic, Headers headers, int size) {
        return new Message(new MessageId("sized"), Destination.topic(topic), "k", "text", headers, new byte[size]);
    }

    private static void send(PulsarTransport transport, Message... messages) {
        transport.send(List.of(messages)).forEach(outcome -> assertThat(outcome.join())
                .isInstanceOf(SendOutcome.Sent.class));
    }

    /** The server's answer to a question about what is not there yet is an exception. */
    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptionsInstanceOf(IllegalStateException.class);
    }
}
