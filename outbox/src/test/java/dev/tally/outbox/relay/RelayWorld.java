package dev.tally.outbox.relay;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.OutboxRetryRules;
import dev.tally.outbox.OutboxSettings;
import dev.tally.publish.Settlement;
import dev.tally.retry.Backoff;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A broker, a table, time, and processes with relays, all on one thread. */
final class RelayWorld implements Transport {

    final VirtualTime time = new VirtualTime();
    final FakeOutboxTable table = new FakeOutboxTable(time);
    final List<Message> delivered = new ArrayList<>();
    Function<Message, SendOutcome> broker = message -> new SendOutcome.Sent("ok");
    Function<Message, Duration> latency = message -> Duration.ofMillis(1);
    Duration maxDelay = Duration.ZERO;
    OutboxRetryRules rules = OutboxRetryRules.defaults();
    final Map<String, Instant> sentAt = new HashMap<>();
    int attempts;
    private final Random random;
    private int nodes;

    RelayWorld(long seed) {
        this.random = new Random(seed);
    }

    static OutboxSettings.Builder settings() {
        return OutboxSettings.builder()
                .retry(new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), 2, 0.5))
                .drainLimit(Duration.ofMillis(1))
                .joinLimit(Duration.ZERO)
                .lanes(8);
    }

    /** A process with a started relay. */
    final class Process {

        final VirtualTime.Process threads = time.newProcess();
        final OutboxRelay relay;
        final OutboxPath path;

        Process(OutboxSettings settings) {
            relay = OutboxRelay.over(table, RelayWorld.this, threads, time, random, () -> "node" + nodes++)
                    .settings(settings)
                    .retryRules(rules)
                    .build();
            path = new OutboxPath(table, relay, RelayWorld.this);
            relay.start();
            time.advance(Duration.ZERO);
        }

        Transaction begin(String key, String... ids) {
            List<Message> messages =
                    List.of(ids).stream().map(id -> message(key, id)).toList();
            return prepare(messages);
        }

        Transaction prepare(List<Message> messages) {
            Settlement settlement = path.prepare(messages);
            return new Transaction(settlement, table.lastInserted);
        }

        void publish(String key, String... ids) {
            Transaction transaction = begin(key, ids);
            transaction.commit();
            transaction.settlement().committed();
        }
    }

    /** A transaction whose rows are inserted. */
    final class Transaction {

        private final Settlement settlement;
        private final List<Long> ids;

        Transaction(Settlement settlement, List<Long> ids) {
            this.settlement = settlement;
            this.ids = ids;
        }

        Settlement settlement() {
            return settlement;
        }

        List<Long> ids() {
            return ids;
        }

        void commit() {
            table.commit(ids);
        }

        void rollBack() {
            table.rollBack(ids);
        }
    }

    static Message message(String key, String id) {
        return new Message(
                new MessageId(id), Destination.topic("t"), key, "type", Headers.empty(), new byte[] {1, 2, 3});
    }

    static Message delayed(String key, String id, Duration delay, Instant now) {
        Headers headers = Headers.empty()
                .with(Headers.DELAY, Long.toString(delay.toMillis()))
                .with(Headers.DELIVER_AT, Long.toString(now.plus(delay).toEpochMilli()));
        return new Message(new MessageId(id), Destination.topic("t"), key, "type", headers, new byte[] {1});
    }

    List<String> ids() {
        return delivered.stream().map(message -> message.id().value()).toList();
    }

    List<String> firstDeliveries(String key) {
        return delivered.stream()
                .filter(message -> Objects.equals(key, message.key()))
                .map(message -> message.id().value())
                .distinct()
                .toList();
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Set<Capability> capabilities() {
        return Set.of(Capability.KEY_ORDER);
    }

    @Override
    public Duration maxDelay() {
        return maxDelay;
    }

    @Override
    public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
        return messages.stream().map(this::send).toList();
    }

    private CompletableFuture<SendOutcome> send(Message message) {
        attempts++;
        table.meanwhile.run();
        SendOutcome outcome = broker.apply(message);
        if (outcome instanceof SendOutcome.Sent) {
            delivered.add(message);
            sentAt.putIfAbsent(message.id().value(), time.instant());
        }
        CompletableFuture<SendOutcome> answer = new CompletableFuture<>();
        time.after(latency.apply(message), () -> answer.complete(outcome));
        return answer;
    }

    @Override
    public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
