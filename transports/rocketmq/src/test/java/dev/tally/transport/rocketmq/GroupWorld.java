package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.ConsumeParts;
import dev.tally.consume.IdempotentHandler;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.consume.MessageContext;
import dev.tally.consume.PayloadHandler;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.testkit.H2Database;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import tools.jackson.databind.json.JsonMapper;

/**
 * Members of one group with one database, numbered messages of many keys, and what took effect of them. The effects are
 * rows that the handler writes in its transaction. Thread-safe.
 */
final class GroupWorld implements AutoCloseable {

    /** The number of a message within its key. */
    @MessageType("step")
    record Step(int number) {}

    private final String nameServer;
    private final H2Database database = H2Database.inMemory();
    private final JdbcTransactionManager transactions = new JdbcTransactionManager(database.dataSource());
    private final JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
    private final JacksonPayloadCodec codec = new JacksonPayloadCodec(JsonMapper.shared());
    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final Map<String, Thread> inHand = new ConcurrentHashMap<>();
    private final List<String> twoAtOnce = new CopyOnWriteArrayList<>();
    private final AtomicInteger duplicates = new AtomicInteger();
    private final Map<String, Integer> sentOfKey = new LinkedHashMap<>();
    private final Transport producer;

    GroupWorld(String nameServer) {
        this.nameServer = nameServer;
        jdbc.execute("CREATE TABLE effect (seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, msg_key VARCHAR(100),"
                + " number INT, message_id VARCHAR(100))");
        this.producer = open();
    }

    Transport open() {
        Transport transport = connect(nameServer);
        opened.add(transport);
        return transport;
    }

    /** A client with a name of its own. */
    static Transport connect(String nameServer) {
        return new RocketMqTransport(RocketMqSettings.builder(
                        nameServer,
                        "world-" + UUID.randomUUID(),
                        UUID.randomUUID().toString())
                .sendTimeout(Duration.ofSeconds(20))
                .closeTimeout(Duration.ofSeconds(1))
                .orderedRetryDelay(Duration.ofMillis(200))
                .build());
    }

    ConsumeParts parts() {
        return ConsumeParts.of(
                        new JdbcInboxStore(database.dataSource(), transactions, database.dialect()),
                        transactions,
                        codec,
                        InstantSource.system())
                .with(new ConsumeListener() {
                    @Override
                    public void duplicate(String topic, String group) {
                        duplicates.incrementAndGet();
                    }
                });
    }

    /** One more member, with a client of its own; closing its transport is its end. */
    ActiveSubscription join(Transport transport, Subscription subscription, Duration work) {
        PayloadHandler handler = (payload, context) -> handle((Step) payload, context, work);
        return transport.subscribe(subscription, new IdempotentHandler(subscription, Step.class, handler, parts()));
    }

    /** What a handler does: works, and writes its effect, in the current transaction. */
    void handle(Step step, MessageContext context, Duration work) {
        String key = String.valueOf(context.key());
        Thread me = Thread.currentThread();
        Thread other = inHand.putIfAbsent(key, me);
        if (other == null) {
            // Before the commit, which lets another member's handler of the same message begin.
            TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
                @Override
                public void beforeCompletion() {
                    inHand.remove(key, me);
                }
            });
        } else if (other != me) {
            twoAtOnce.add(key + " " + step.number());
        }
        if (!work.isZero()) {
            try {
                TimeUnit.NANOSECONDS.sleep(work.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Cannot work on, interrupted", e);
            }
        }
        jdbc.update(
                "INSERT INTO effect (msg_key, number, message_id) VALUES (?, ?, ?)",
                key,
                step.number(),
                context.id().value());
    }

    /** Sends the next {@code count} numbers of {@code keys} keys, and waits until the broker has confirmed them. */
    void send(String topic, int keys, int count) {
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < keys; k++) {
                String key = "key-" + k;
                int number = sentOfKey.merge(key, 1, Integer::sum) - 1;
                messages.add(new Message(
                        new MessageId(key + "/" + number),
                        Destination.topic(topic),
                        key,
                        "step",
                        Headers.empty(),
                        codec.encode(new Step(number))));
            }
        }
        producer.send(messages).forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
    }

    int sent() {
        return sentOfKey.values().stream().mapToInt(Integer::intValue).sum();
    }

    int effects() {
        Integer count = jdbc.queryForObject("SELECT COUNT(*) FROM effect", Integer.class);
        return count == null ? 0 : count;
    }

    int duplicates() {
        return duplicates.get();
    }

    /** The numbers of a key, as they took effect. */
    List<Integer> effectsOf(String key) {
        return jdbc.queryForList("SELECT number FROM effect WHERE msg_key = ? ORDER BY seq", Integer.class, key);
    }

    /** Each message that was sent took effect once, in the order of its key, and no key was ever in two hands. */
    void assertEachOnceInOrder() {
        assertThat(twoAtOnce).as("keys that two handlers had at once").isEmpty();
        sentOfKey.forEach((key, count) -> assertThat(effectsOf(key))
                .as(key)
                .isEqualTo(IntStream.range(0, count).boxed().toList()));
    }

    @Override
    public void close() {
        opened.forEach(Transport::close);
        database.close();
    }
}
