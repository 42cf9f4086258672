package dev.tally.transport.rocketmq.crash;

import static org.awaitility.Awaitility.await;

import dev.tally.half.CheckBackAnswer;
import dev.tally.half.HalfMessageBreaker;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerCheckBack;
import dev.tally.half.SettledTransactions;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.message.TimeOrderedIds;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.PublishListener;
import dev.tally.publish.TransactionalMessagePublisher;
import dev.tally.publish.Via;
import dev.tally.retry.Backoff;
import dev.tally.testkit.TestDatabase;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import dev.tally.transport.rocketmq.crash.Script.Turn;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A service in this process: it publishes by half messages, is asked, and records what is delivered, without an inbox. */
final class LocalService implements AutoCloseable {

    /** What is published. */
    record Placed(String transaction, int part) {}

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(4);
    private final BlockingQueue<String> stopped = new LinkedBlockingQueue<>();
    private final List<CheckBackAnswer> answers = new CopyOnWriteArrayList<>();
    private final List<String> deliveries = new CopyOnWriteArrayList<>();
    private final ThreadLocal<Script> scripts = new ThreadLocal<>();
    private final Stops stops = new Stops((id, point) -> stopped.add(id + ' ' + point));
    private final String topic;
    private final RocketMqTransport transport;
    private final OutboxRelay relay;
    private final JdbcTransactionManager transactions;
    private final TransactionalMessagePublisher publisher;
    private final StoppingDataSource dataSource;
    private final JdbcTemplate jdbc;
    private final JacksonPayloadCodec codec = new JacksonPayloadCodec(tools.jackson.databind.json.JsonMapper.shared());

    /** @param fallsBack whether messages that the broker does not take go through the outbox */
    LocalService(String nameServer, String name, String topic, TestDatabase database, boolean fallsBack) {
        this.topic = topic;
        InstantSource clock = InstantSource.system();
        this.dataSource = new StoppingDataSource(database.dataSource(), stops);
        this.jdbc = new JdbcTemplate(dataSource);
        this.transactions = new JdbcTransactionManager(dataSource);
        this.transport = new RocketMqTransport(RocketMqSettings.builder(nameServer, "p-" + topic, name)
                .closeTimeout(Duration.ofSeconds(1))
                .build());
        JdbcTransactionLedger ledger = new JdbcTransactionLedger(dataSource, transactions, database.dialect());
        JdbcOutboxStore store = JdbcOutboxStore.create(dataSource, database.dialect());
        this.relay = OutboxRelay.over(store, transport, timer, clock, new Random(1), () -> UUID.randomUUID()
                        .toString())
                .settings(OutboxSettings.builder()
                        .retry(new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 2, 0.2))
                        .maxAttempts(1_000)
                        .build())
                .listener(new OutboxListener() {})
                .build();
        relay.start();
        HalfMessageListener listener = new HalfMessageListener() {
            @Override
            public void checkedBack(CheckBackAnswer answer) {
                answers.add(answer);
            }
        };
        StoppingHalfMessages halfMessages = new StoppingHalfMessages(transport, stops, scripts);
        halfMessages.onCheckBack(new LedgerCheckBack(ledger, listener));
        HalfMessagePath path = new HalfMessagePath(
                halfMessages,
                ledger,
                fallsBack ? new StoppingFallback(new OutboxPath(store, relay, transport), stops) : null,
                () -> UUID.randomUUID().toString(),
                TIMEOUT,
                listener,
                new SettledTransactions(ledger, clock),
                HalfMessageBreaker.closed(TIMEOUT, clock),
                clock);
        this.publisher = new TransactionalMessagePublisher(
                codec,
                new TimeOrderedIds(clock, new Random()),
                dataSource,
                Map.of(Via.HALF_MESSAGE, path),
                List.of(),
                new PublishListener() {},
                clock);
    }

    RocketMqTransport transport() {
        return transport;
    }

    LocalService consume() {
        transport.subscribe(new Subscription(topic, "c-" + topic, "*", 2, false, 100), batch -> {
            List<DeliveryOutcome> outcomes = new ArrayList<>();
            batch.forEach(received -> {
                Placed placed = codec.decode(received.message().payload(), Placed.class);
                deliveries.add(placed.transaction() + '/' + placed.part());
                outcomes.add(new DeliveryOutcome.Delivered());
            });
            return outcomes;
        });
        return this;
    }

    /** Everything that was delivered so far, also what was delivered again. */
    List<String> deliveries() {
        return deliveries;
    }

    /** What was answered to check-backs so far. */
    List<CheckBackAnswer> answers() {
        return answers;
    }

    List<String> business() {
        return jdbc.queryForList("SELECT name FROM business ORDER BY name", String.class);
    }

    int outboxRows() {
        Integer rows = jdbc.queryForObject("SELECT COUNT(*) FROM tally_outbox", Integer.class);
        return rows == null ? 0 : rows;
    }

    /** Runs a transaction on this thread, with something right before its end. */
    void run(Script script, Runnable beforeTheEnd) {
        stops.beginTransaction(script.id(), script.point());
        scripts.set(script);
        try {
            new TransactionTemplate(transactions).executeWithoutResult(status -> {
                jdbc.update(
                        "INSERT INTO business (name, messages, commit_millis) VALUES (?, ?, 0)",
                        script.id(),
                        script.messages());
                for (int part = 0; part < script.messages(); part++) {
                    publisher.publish(OutgoingMessage.to(topic)
                            .payload(new Placed(script.id(), part))
                            .via(Via.HALF_MESSAGE)
                            .build());
                }
                LastBeforeCommit.register(() -> {
                    beforeTheEnd.run();
                    if (script.has(Turn.ROLLS_BACK)) {
                        throw new IllegalStateException("rolled back by the script");
                    }
                });
            });
        } finally {
            stops.end();
            scripts.remove();
        }
    }

    void run(Script script) {
        run(script, () -> {});
    }

    /** Waits until a transaction has stopped at its point, and lets it go on. */
    void awaitStopAndGoOn() {
        await().atMost(Duration.ofSeconds(90)).until(() -> stopped.poll() != null);
        stops.release();
    }

    /** Breaks the connection of the current transaction, as a server does that is restarted. */
    void breakConnection() {
        Connection ofTransaction = DataSourceUtils.getConnection(dataSource);
        try {
            ofTransaction.unwrap(Connection.class).close();
        } catch (SQLException e) {
            throw new IllegalStateException("Cannot break the connection", e);
        }
    }

    @Override
    public void close() {
        transport.close();
        relay.close();
        timer.shutdownNow();
    }
}
