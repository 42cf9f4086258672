package dev.tally.transport.jms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.message.Message;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.ReceivedMessage;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import dev.tally.transport.jms.server.BreakableLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a group's messages when its members come and go, and the broker with them. */
abstract class JmsGroupsContract extends JmsFaultsContract {

    private static final int KEYS = 7;

    /** First arrivals by key, of handlers that take their time. */
    private static final class SlowHandler implements BatchHandler {

        private final Map<String, Set<Integer>> byKey = new LinkedHashMap<>();

        @Override
        public List<DeliveryOutcome> handle(List<ReceivedMessage> batch) {
            List<DeliveryOutcome> outcomes = new ArrayList<>();
            for (ReceivedMessage each : batch) {
                note(each.message());
                outcomes.add(new DeliveryOutcome.Delivered());
            }
            return outcomes;
        }

        private synchronized void note(Message message) {
            byKey.computeIfAbsent(String.valueOf(message.key()), key -> new LinkedHashSet<>())
                    .add(Integer.valueOf(text(message)));
            try {
                wait(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        synchronized int distinct() {
            return byKey.values().stream().mapToInt(Set::size).sum();
        }

        synchronized void assertOrder() {
            byKey.forEach((key, numbers) -> assertThat(List.copyOf(numbers))
                    .as("first arrivals of %s", key)
                    .isSorted());
        }
    }

    private final List<Transport> others = new CopyOnWriteArrayList<>();

    private Transport closing(Transport transport) {
        others.add(transport);
        return transport;
    }

    @AfterEach
    void closeOthers() {
        others.forEach(Transport::close);
    }

    @Test
    void keepsTheOrderOfEachKeyWhereMembersLeaveWithABacklogInHand() {
        String topic = topic("leave", 1);
        createGroup(topic, group("leave"), true);
        Transport sender = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            messages.add(message(topic, "key-" + i % KEYS, Integer.toString(i)));
        }
        send(sender, messages.toArray(new Message[0]));
        SlowHandler arrivals = new SlowHandler();
        Subscription subscription = new Subscription(topic, group("leave"), "*", 4, true, 100).withBatch(8);

        List<Transport> members = new ArrayList<>();
        for (int round = 0; round < 12; round++) {
            Transport member = open();
            member.subscribe(subscription, arrivals);
            members.add(member);
            int before = arrivals.distinct();
            if (round % 3 > 0) {
                patiently().until(() -> arrivals.distinct() >= Math.min(messages.size(), before + 100));
                members.remove(0).close();
            }
        }

        patiently().until(() -> arrivals.distinct() == messages.size());
        arrivals.assertOrder();
    }

    @Test
    void keepsTheOrderOfEachKeyWhereMembersAreCutOffWithABacklogInHand() {
        String topic = topic("cut", 1);
        createGroup(topic, group("cut"), true);
        Transport sender = open();
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 4000; i++) {
            messages.add(message(topic, "key-" + i % KEYS, Integer.toString(i)));
        }
        send(sender, messages.toArray(new Message[0]));
        SlowHandler arrivals = new SlowHandler();
        Subscription subscription = new Subscription(topic, group("cut"), "*", 4, true, 100).withBatch(8);
        try (BreakableLine first = new BreakableLine(server().port());
                BreakableLine second = new BreakableLine(server().port())) {
            List<BreakableLine> lines = List.of(first, second);
            for (BreakableLine line : lines) {
                closing(new JmsTransport(JmsBroker.settings(server().connectionFactory(line.url()))
                                .build()))
                        .subscribe(subscription, arrivals);
            }

            for (int cut = 0; cut < 8; cut++) {
                int before = arrivals.distinct();
                patiently().until(() -> arrivals.distinct() >= before + 100);
                lines.get(cut % 2).breakAll();
            }

            patiently().until(() -> arrivals.distinct() == messages.size());
            closeOthers();
        }
        arrivals.assertOrder();
    }

    @Test
    void remembersAGroupWithoutAMessageWhenTheBrokerIsKilled() {
        String topic = topic("remembered", 1);
        createGroup(topic, group("remembered"), true);
        server().kill();
        server().start();
        Transport transport = open();
        Message message = message(topic, "key", "sent before a member is back");
        send(transport, message);

        ReceivedMessages received = new ReceivedMessages();
        transport.subscribe(
                new Subscription(topic, group("remembered"), "*", 2, true, 3),
                received.handler(each -> new DeliveryOutcome.Delivered()));

        patiently().until(() -> !received.ids().isEmpty());
        assertThat(received.ids()).containsExactly(message.id().value());
    }

    @Test
    void countsADeliveryThoughALaterOneWasAcknowledged() {
        String topic = topic("behind", 1);
        createGroup(topic, group("behind"), true);
        Transport first = open();
        Message held = message(topic, "held", "x");
        Message passed = message(topic, "passed", "y");
        send(first, held, passed);
        CompletableFuture<Void> goesOn = new CompletableFuture<>();
        ReceivedMessages received = new ReceivedMessages();
        first.subscribe(new Subscription(topic, group("behind"), "*", 2, true, 9), received.handler(each -> {
            if (each.id().equals(held.id())) {
                goesOn.join();
                return new DeliveryOutcome.Stop("the member goes away");
            }
            return new DeliveryOutcome.Delivered();
        }));
        patiently().until(() -> received.ids().size() == 2);
        first.close();
        goesOn.complete(null);

        ReceivedMessages again = new ReceivedMessages();
        open().subscribe(
                        new Subscription(topic, group("behind"), "*", 2, true, 9),
                        again.handler(each -> new DeliveryOutcome.Delivered()));
        patiently().until(() -> again.ids().contains(held.id().value()));
        assertThat(again.attemptsOf(held.id().value()).get(0)).isEqualTo(2);
        assertThat(again.ids()).doesNotContain(passed.id().value());
    }

    @Test
    void sharesTheMessagesOfAGroupWithoutOrderAmongItsMembers() {
        String topic = topic("share", 1);
        createGroup(topic, group("share"), false);
        Map<Integer, Integer> byMember = new ConcurrentHashMap<>();
        for (int i = 0; i < 2; i++) {
            int member = i;
            open().subscribe(new Subscription(topic, group("share"), "*", 2, false, 3), batch -> {
                byMember.merge(member, batch.size(), Integer::sum);
                return batch.stream()
                        .<DeliveryOutcome>map(each -> new DeliveryOutcome.Delivered())
                        .toList();
            });
        }
        Transport sender = open();

        patiently().pollInterval(Duration.ofMillis(10)).until(() -> {
            send(sender, message(topic, null, "x"));
            return byMember.size() == 2;
        });
    }

    @Test
    void goesOnAfterABrokersEndWhereTheClientItselfReconnects() {
        String topic = topic("reconnecting", 1);
        Transport transport =
                closing(new JmsTransport(JmsSettings.builder(server().connectionFactory(server().reconnectingUrl()))
                        .sendTimeout(Duration.ofSeconds(2))
                        .closeTimeout(Duration.ofSeconds(1))
                        .retryDelay(Duration.ofMillis(200))
                        .build()));
        CompletableFuture<Void> gate = new CompletableFuture<>();
        ReceivedMessages received = subscribe(transport, topic, "reconnecting", true, 9, message -> {
            gate.join();
            return new DeliveryOutcome.Delivered();
        });
        Message first = message(topic, "k", "first");
        Message second = message(topic, "k", "second");
        send(transport, first, second);
        patiently().until(() -> !received.ids().isEmpty());

        server().kill();
        SendOutcome meanwhile =
                transport.send(List.of(message(topic, "k", "down"))).get(0).join();
        server().start();
        gate.complete(null);
        Message third = message(topic, "k", "third");
        patiently().until(() -> transport.send(List.of(third)).get(0).join() instanceof SendOutcome.Sent);

        assertThat(meanwhile).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                .isTrue());
        patiently().until(() -> received.ids().contains(third.id().value()));
        assertThat(received.ids().indexOf(second.id().value()))
                .isBetween(1, received.ids().indexOf(third.id().value()));
    }

    @Test
    void beginsWhenABrokerThatWasDownComesBack() {
        String topic = topic("late", 1);
        createGroup(topic, group("late"), true);
        server().kill();
        Transport transport = closing(new JmsTransport(JmsSettings.builder(server().connectionFactory())
                .sendTimeout(Duration.ofSeconds(2))
                .closeTimeout(Duration.ofSeconds(1))
                .build()));
        ReceivedMessages received = subscribe(transport, topic, "late", true, 3, deliver());
        Message message = message(topic, "k", "x");
        assertThat(transport.send(List.of(message)).get(0).join())
                .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> assertThat(failed.retryable())
                        .isTrue());

        server().start();

        patiently().until(() -> transport.send(List.of(message)).get(0).join() instanceof SendOutcome.Sent);
        patiently().until(() -> received.ids().contains(message.id().value()));
    }
}
