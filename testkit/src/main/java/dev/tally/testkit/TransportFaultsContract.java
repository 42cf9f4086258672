package dev.tally.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Capability;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.PositionMove;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every transport guarantees beside {@link TransportContract} when members come and go, when its broker dies, and
 * when others send to its topics; and that what it says of itself is true. At a real broker, which may serve both suites.
 *
 * @since 0.1
 */
public abstract class TransportFaultsContract extends TransportSuite {

    private static final int KEYS = 6;

    /** Creates the suite. */
    protected TransportFaultsContract() {}

    /** A broker's process that can be killed. */
    public interface BrokerProcess {

        /** Ends it with SIGKILL, and returns when it is gone. */
        void kill();

        /** Starts it again, with the data and at the address that it had; returns when it takes connections. */
        void start();
    }

    /** Sends as somebody who does not know Tally, with the broker's own client; returns when the broker has it. */
    protected abstract void sendForeign(
            String topic, @Nullable String key, Map<String, String> headers, byte[] payload);

    /** The clock of the machine on which the broker is. */
    protected abstract InstantSource clock();

    /** The broker's process; empty where it cannot be killed, for a reason that the suite's class names. */
    protected abstract Optional<BrokerProcess> process();

    @Test
    @ShowsFeature(TransportFeature.LIMITS)
    void saysWhichLimitAMessageBreaksBeforeItIsSent() {
        String topic = topic("limits", 1);
        Transport transport = open();
        Message never = neverTaken(topic);

        assertThat(transport.refusal(message(topic, "k", "fine"))).isEmpty();
        assertThat(transport.refusal(never)).isPresent();
        SendOutcome outcome = transport.send(List.of(never)).get(0).join();

        assertThat(outcome).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
            assertThat(failed.retryable()).isFalse();
            assertThat(failed.reason()).contains(transport.refusal(never).orElseThrow());
            assertThat(failed.reason()).contains(never.id().value()).contains(topic);
        });
    }

    @Test
    void hasTheCapabilitiesThatAreDocumentedForItsName() {
        Transport transport = open();
        for (Capability capability : Capability.values()) {
            assertThat(transport.capabilities().contains(capability))
                    .as("%s of %s", capability, transport.name())
                    .isEqualTo(capability.offeredBy().contains(transport.name()));
        }
        assertThat(transport.maxDelay().isZero())
                .isNotEqualTo(transport.capabilities().contains(Capability.DELAY));
    }

    @Test
    @ShowsFeature(TransportFeature.DELAY)
    void keepsADelayedMessageBack() {
        String topic = topic("delayed", 1);
        Transport transport = open();
        assumeThatItHas(transport, Capability.DELAY);
        Map<String, Instant> arrived = new ConcurrentHashMap<>();
        ReceivedMessages received = subscribe(transport, topic, "delayed", false, 3, message -> {
            arrived.putIfAbsent(message.id().value(), clock().instant());
            return new DeliveryOutcome.Delivered();
        });
        Instant due = clock().instant().plusSeconds(4);
        Message later = new Message(
                new MessageId("later-" + unique()),
                Destination.topic(topic),
                "k",
                "type",
                Headers.empty().with(Headers.DELIVER_AT, Long.toString(due.toEpochMilli())),
                new byte[] {1});
        Message now = message(topic, "k", "now");
        send(transport, later, now);

        patiently().until(() -> received.ids()
                .containsAll(List.of(later.id().value(), now.id().value())));
        assertThat(arrived.get(later.id().value()))
                .as("brokers may count in whole seconds")
                .isAfterOrEqualTo(due.minusMillis(1500));
        assertThat(received.message(later.id().value()).headers().asMap())
                .doesNotContainKeys(Headers.DELAY, Headers.DELIVER_AT);
    }

    @Test
    void sendsADelayedMessageAtOnceWhereTheOutboxHasKeptItBack() {
        String topic = topic("was-delayed", 1);
        Transport transport = open();
        Message due = new Message(
                new MessageId("due-" + unique()),
                Destination.topic(topic),
                "k",
                "type",
                Headers.of(Map.of(
                        Headers.DELAY,
                        "1000",
                        Headers.DELIVER_AT,
                        Long.toString(clock().instant().minusSeconds(1).toEpochMilli()))),
                new byte[] {1});
        ReceivedMessages received = subscribe(transport, topic, "was-delayed", false, 3, deliver());
        send(transport, due);

        patiently().until(() -> received.ids().contains(due.id().value()));
        assertThat(received.message(due.id().value()).headers().asMap())
                .doesNotContainKeys(Headers.DELAY, Headers.DELIVER_AT);
    }

    @Test
    @ShowsFeature(TransportFeature.FOREIGN_MESSAGES)
    void givesAForeignMessageAnIdThatIsTheSameAtEachDelivery() {
        String topic = topic("foreign", 1);
        Transport transport = open();
        List<MessageId> ids = new CopyOnWriteArrayList<>();
        ReceivedMessages received = subscribe(transport, topic, "foreign", true, 5, message -> {
            ids.add(message.id());
            return ids.size() < 3 ? new DeliveryOutcome.Retry("not yet") : new DeliveryOutcome.Delivered();
        });
        sendForeign(topic, "their-key", Map.of("their-header", "their value"), "{}".getBytes(StandardCharsets.UTF_8));

        patiently().until(() -> ids.size() >= 3);
        assertThat(ids.stream().distinct()).hasSize(1);
        Message arrived = received.deliveries().get(0).message();
        assertThat(arrived.headers().get("their-header")).isEqualTo("their value");
        assertThat(arrived.payload()).isEqualTo("{}".getBytes(StandardCharsets.UTF_8));
        assertThat(arrived.destination().topic()).isEqualTo(topic);
    }

    @Test
    @ShowsFeature(TransportFeature.MALFORMED_MESSAGES)
    void isNotStoppedByMessagesThatCannotBeUnderstood() {
        String topic = topic("malformed", 1);
        Transport transport = open();
        createGroup(topic, group("malformed"), true);
        byte[] noText = {(byte) 0xff, (byte) 0xfe, 0, 1};
        sendForeign(topic, null, Map.of("tally-id", " "), noText);
        sendForeign(topic, "k", Map.of("tally-id", "x".repeat(500), "tally-deliver-at", "soon"), noText);
        sendForeign(topic, "k", Map.of("tally-key", "", "tally-tag", " ", "tally-stored-at", "never"), noText);
        sendForeign(topic, "", Map.of("ce_specversion", "9", "ce_id", "", "tally-encoded", "%zz=%"), noText);
        Message good = message(topic, "k", "good");
        send(transport, good);

        ReceivedMessages received = subscribe(transport, topic, "malformed", true, 3, deliver());

        patiently().until(() -> received.ids().contains(good.id().value()));
        patiently().until(() -> received.ids().stream().distinct().count() == 5);
        assertThat(received.deliveries().stream().map(ReceivedMessage::message).filter(each -> !each.id()
                        .equals(good.id())))
                .allSatisfy(each -> assertThat(each.payload()).isEqualTo(noText));
    }

    @Test
    @ShowsFeature(TransportFeature.DELIVERY_COUNT)
    void countsOnWhereAMemberWentAwayWithAMessageInHand() {
        String topic = topic("count", 1);
        Transport first = open();
        assumeThatItHas(first, Capability.DELIVERY_COUNT);
        createGroup(topic, group("count"), true);
        CompletableFuture<Void> entered = new CompletableFuture<>();
        CompletableFuture<Void> release = new CompletableFuture<>();
        Message message = message(topic, "k", "x");
        send(first, message);
        first.subscribe(new Subscription(topic, group("count"), "*", 1, true, 9), batch -> {
            entered.complete(null);
            release.join();
            return Collections.nCopies(batch.size(), new DeliveryOutcome.Stop("the member goes away"));
        });
        entered.orTimeout(patience().toSeconds(), TimeUnit.SECONDS).join();
        first.close();
        release.complete(null);

        ReceivedMessages received = subscribe(open(), topic, "count", true, 9, deliver());

        patiently().until(() -> received.ids().contains(message.id().value()));
        assertThat(received.attemptsOf(message.id().value()).get(0)).isGreaterThan(1);
    }

    @Test
    @ShowsFeature(TransportFeature.REPLAY)
    void goesBackToATimeAndHandsOverAgainWhatCameSince() throws Exception {
        String topic = topic("replay", 1);
        Transport transport = open();
        assumeThatItHas(transport, Capability.REPLAY);
        ReceivedMessages received = new ReceivedMessages();
        ActiveSubscription subscription = transport.subscribe(
                new Subscription(topic, group("replay"), "*", 2, true, 3), received.handler(deliver()));
        Message before = message(topic, "k", "before");
        send(transport, before);
        patiently().until(() -> received.ids().contains(before.id().value()));
        // Brokers keep time by their own clocks, some in whole seconds.
        passSeconds(2);
        Instant time = clock().instant();
        passSeconds(2);
        Message after = message(topic, "k", "after");
        send(transport, after);
        patiently().until(() -> received.ids().contains(after.id().value()));

        SubscriptionPositions positions = subscription.positions().orElseThrow();
        patiently().until(() -> positions.read(false).stream()
                .allMatch(position -> position.acknowledged() == position.end()));
        List<PositionMove> moves = positions.planTo(time);
        assertThat(moves.stream().mapToLong(PositionMove::replayed).sum()).isEqualTo(1);
        positions.seek(moves);

        patiently().until(() -> Collections.frequency(received.ids(), after.id().value()) == 2);
        assertThat(Collections.frequency(received.ids(), before.id().value())).isEqualTo(1);
    }

    @Test
    @ShowsFeature(TransportFeature.KEY_ORDER_UNDER_REBALANCE)
    void keepsTheOrderOfEachKeyAndLosesNothingWhileMembersComeAndGo() {
        String topic = topic("rebalance", 4);
        Transport sender = open();
        assumeThatItHas(sender, Capability.KEY_ORDER);
        createGroup(topic, group("rebalance"), true);
        Arrivals arrivals = new Arrivals();
        Subscription subscription = new Subscription(topic, group("rebalance"), "*", 4, true, 16);
        List<Transport> members = new ArrayList<>();
        int number = 0;
        for (int round = 0; round < 6; round++) {
            if (round % 3 == 2) {
                members.remove(0).close();
            } else {
                Transport member = open();
                member.subscribe(subscription, arrivals);
                members.add(member);
            }
            for (int i = 0; i < 40; i++) {
                send(sender, message(topic, "key-" + number % KEYS, Integer.toString(number++)));
            }
        }
        int sent = number;

        patiently().until(() -> arrivals.distinct() == sent);
        arrivals.assertOrder();
    }

    @Test
    @ShowsFeature(TransportFeature.BROKER_KILLED)
    void losesNothingConfirmedWhenItsBrokerIsKilledUnderLoad() throws Exception {
        Optional<BrokerProcess> process = process();
        assumeTrue(process.isPresent(), "the broker of " + getClass().getSimpleName() + " cannot be killed: skipped");
        String topic = topic("killed", 2);
        Transport transport = open();
        Arrivals arrivals = new Arrivals();
        open().subscribe(new Subscription(topic, group("killed"), "*", 4, true, 10_000), arrivals);
        AtomicInteger confirmed = new AtomicInteger();
        CompletableFuture<Void> stop = new CompletableFuture<>();
        CompletableFuture<Integer> sending = CompletableFuture.supplyAsync(
                () -> sendUntil(stop, transport, topic, confirmed), task -> new Thread(task, "sender").start());

        for (int kill = 0; kill < 2; kill++) {
            int before = confirmed.get();
            patiently().until(() -> confirmed.get() > before + 200);
            process.get().kill();
            process.get().start();
        }
        int before = confirmed.get();
        patiently().until(() -> confirmed.get() > before + 50);
        stop.complete(null);
        int sent = sending.get(patience().toSeconds(), TimeUnit.SECONDS);

        patiently().until(() -> arrivals.distinct() == sent);
        arrivals.assertOrder();
    }

    private void passSeconds(long seconds) {
        patiently().pollDelay(Duration.ofSeconds(seconds)).until(() -> true);
    }

    /**
     * Sends one message of each key at a time, each again and again until it is confirmed, as a relay does.
     *
     * @return how many messages were confirmed
     */
    private int sendUntil(CompletableFuture<Void> stop, Transport transport, String topic, AtomicInteger confirmed) {
        int number = 0;
        while (!stop.isDone()) {
            List<Message> left = new ArrayList<>();
            for (int i = 0; i < KEYS; i++) {
                left.add(message(topic, "key-" + number % KEYS, Integer.toString(number++)));
            }
            while (!left.isEmpty()) {
                List<CompletableFuture<SendOutcome>> outcomes = transport.send(left);
                List<Message> failed = new ArrayList<>();
                for (int i = 0; i < left.size(); i++) {
                    if (outcomes.get(i).join() instanceof SendOutcome.Sent) {
                        confirmed.incrementAndGet();
                    } else {
                        failed.add(left.get(i));
                    }
                }
                left = failed;
            }
        }
        return number;
    }
}
