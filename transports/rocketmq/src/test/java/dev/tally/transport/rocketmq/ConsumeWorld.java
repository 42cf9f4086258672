package dev.tally.transport.rocketmq;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tally.audit.JdbcAuditLog;
import dev.tally.consume.ConsumeListener;
import dev.tally.consume.ConsumeParts;
import dev.tally.consume.IdempotentHandler;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.consume.deadletter.JdbcDeadLetterStore;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.MessageType;
import dev.tally.testkit.TestDatabase;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/**
 * Nodes of one group at a broker, whose handler writes a row for each order into one database, in the transaction of the
 * inbox. Thread-safe.
 */
final class ConsumeWorld implements AutoCloseable {

    @MessageType("order-placed")
    record Placed(String order) {}

    /** How long the inbox remembers. */
    static final Duration RETENTION = Duration.ofDays(30);

    static final int MAX_ATTEMPTS = 3;

    private final String nameServer;
    private final String topic;
    private final TestDatabase database;
    private final JdbcTransactionManager transactions;
    private final JdbcTemplate jdbc;
    private final JdbcInboxStore inbox;
    private final JdbcDeadLetterStore deadLetters;
    private final JacksonPayloadCodec codec = new JacksonPayloadCodec(JsonMapper.shared());
    private final List<Transport> opened = new CopyOnWriteArrayList<>();
    private final Transport sender;
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger duplicates = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();

    ConsumeWorld(String nameServer, String topic, TestDatabase database) {
        this.nameServer = nameServer;
        this.topic = topic;
        this.database = database;
        this.transactions = new JdbcTransactionManager(database.dataSource());
        this.jdbc = new JdbcTemplate(database.dataSource());
        this.inbox = new JdbcInboxStore(database.dataSource(), transactions, database.dialect());
        this.deadLetters = new JdbcDeadLetterStore(database.dataSource(), database.dialect());
        jdbc.execute("CREATE TABLE effect (placed VARCHAR(100))");
        this.sender = open();
    }

    private Transport open() {
        Transport transport = GroupWorld.connect(nameServer);
        opened.add(transport);
        return transport;
    }

    Subscription subscription() {
        return new Subscription(topic, "stock-" + topic, "*", 4, true, MAX_ATTEMPTS);
    }

    private IdempotentHandler handler(Duration ahead) {
        InstantSource clock = Clock.offset(Clock.systemUTC(), ahead);
        ConsumeParts parts = ConsumeParts.of(inbox, transactions, codec, clock)
                .with(deadLetters)
                .with(RETENTION)
                .with(new ConsumeListener() {
                    @Override
                    public void duplicate(String ofTopic, String group) {
                        duplicates.incrementAndGet();
                    }

                    @Override
                    public void failed(String ofTopic, String group, Duration took, String reason) {
                        failures.incrementAndGet();
                    }
                });
        return new IdempotentHandler(
                subscription(), Placed.class, (payload, context) -> handle(((Placed) payload).order()), parts);
    }

    private void handle(String order) {
        calls.add(order);
        jdbc.update("INSERT INTO effect VALUES (?)", order);
        if (failing.contains(order)) {
            throw new IllegalStateException("out of stock");
        }
    }

    /** One more node of the group. */
    ActiveSubscription join() {
        return join(Duration.ZERO);
    }

    /** One whose clock is ahead of the broker's. */
    ActiveSubscription join(Duration ahead) {
        return open().subscribe(subscription(), handler(ahead));
    }

    /** All nodes go, and are closed when this returns. */
    void leave() {
        opened.stream().filter(each -> each != sender).forEach(Transport::close);
    }

    Message message(String id, String key) {
        return message(id, key, "order-placed", codec.encode(new Placed(id)));
    }

    Message message(String id, String key, String type, byte[] payload) {
        return new Message(new MessageId(id), Destination.topic(topic), key, type, Headers.empty(), payload);
    }

    void send(List<Message> messages) {
        sender.send(messages).forEach(outcome -> assertThat(outcome.join()).isInstanceOf(SendOutcome.Sent.class));
    }

    void fail(String order) {
        failing.add(order);
    }

    /** What was committed, in no order. */
    List<String> effects() {
        return jdbc.queryForList("SELECT placed FROM effect", String.class);
    }

    /** The orders of which handlers were called, those of transactions that were rolled back, too. */
    List<String> calls() {
        return List.copyOf(calls);
    }

    int duplicates() {
        return duplicates.get();
    }

    int failures() {
        return failures.get();
    }

    JdbcDeadLetterStore deadLetters() {
        return deadLetters;
    }

    JdbcAuditLog audit() {
        return new JdbcAuditLog(database.dataSource(), () -> UUID.randomUUID().toString());
    }

    List<Map<String, Object>> audited() {
        return jdbc.queryForList("SELECT action, actor, detail FROM tally_audit ORDER BY done_at");
    }

    /** The inbox forgets all. */
    void purge() {
        assertThat(inbox.purge(Duration.ZERO, 100_000)).isPositive();
    }

    @Override
    public void close() {
        opened.forEach(Transport::close);
        database.close();
    }
}
