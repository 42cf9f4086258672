package dev.tally.transport.rocketmq.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tally.consume.ConsumeParts;
import dev.tally.consume.IdempotentHandler;
import dev.tally.consume.InboxStore;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.half.HalfMessageBreaker;
import dev.tally.half.HalfMessageListener;
import dev.tally.half.HalfMessagePath;
import dev.tally.half.JdbcTransactionLedger;
import dev.tally.half.LedgerCheckBack;
import dev.tally.half.SettledTransactions;
import dev.tally.half.TransactionLedger;
import dev.tally.jdbc.Dialect;
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
import dev.tally.transport.Subscription;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import dev.tally.transport.rocketmq.crash.Script.Turn;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * A service that publishes by half messages and consumes what it publishes, as a process to be killed. It takes commands
 * from its input, one for each line, and tells on its output where its threads have stopped and how transactions ended.
 */
public final class CrashingService {

    static final String TOPIC = "placed";
    static final String PRODUCERS = "crashing-service";
    static final String CONSUMERS = "crashing-consumer";
    static final String READY = "READY";

    /** The ledger's minute of grace is as much shorter as the broker's pauses are here. */
    private static final long TIMES_FASTER = 200;

    private static final Duration PREPARE_TIMEOUT = Duration.ofSeconds(20);
    private static final int CONCURRENCY = 8;
    private static final int ATTEMPTS = 10_000;

    /** What is published. */
    record Placed(String transaction, int part) {}

    private final Stops stops = new Stops((id, point) -> print("AT " + id + ' ' + point));
    private final ThreadLocal<Script> scripts = new ThreadLocal<>();
    private final InstantSource clock = InstantSource.system();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(6, CrashingService::daemon);
    private final String name;
    private final Dialect dialect;
    private final String nameServer;
    private final Mutant mutant;
    private final DataSource pool;
    private final DataSource dataSource;
    private final JdbcTransactionManager transactions;
    private final TransactionLedger ledger;
    private final InboxStore inbox;
    private final JacksonPayloadCodec codec = new JacksonPayloadCodec(tools.jackson.databind.json.JsonMapper.shared());
    private RocketMqTransport transport;
    private StoppingHalfMessages halfMessages;
    private HalfMessagePath path;
    private TransactionalMessagePublisher publisher;

    private CrashingService(String name, String url, Dialect dialect, String nameServer, Mutant mutant) {
        this.name = name;
        this.dialect = dialect;
        this.nameServer = nameServer;
        this.mutant = mutant;
        this.pool = open(url);
        this.dataSource = new StoppingDataSource(pool, stops);
        this.transactions = new JdbcTransactionManager(dataSource);
        this.ledger = StoppingLedger.of(
                new JdbcTransactionLedger(dataSource, transactions, dialect), stops, mutant, pool, dialect);
        this.inbox = new StoppingInbox(new JdbcInboxStore(dataSource, transactions, dialect), stops, mutant);
    }

    /** Not before it is needed: a producer that has started is asked about half messages. */
    private RocketMqTransport transport(String producers) {
        if (transport == null) {
            transport = new RocketMqTransport(RocketMqSettings.builder(nameServer, producers, name)
                    .consumeBatchSize(1)
                    .build());
        }
        return transport;
    }

    private OutboxPath startOutbox() {
        JdbcOutboxStore store = JdbcOutboxStore.create(dataSource, dialect);
        OutboxRelay relay = OutboxRelay.over(store, transport, timer, clock, random(), () -> UUID.randomUUID()
                        .toString())
                .settings(OutboxSettings.builder()
                        .heartbeat(Duration.ofMillis(400))
                        .nodeExpiry(Duration.ofMillis(2_000))
                        .retry(new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1), 2, 0.2))
                        .maxAttempts(ATTEMPTS)
                        .build())
                .listener(new OutboxListener() {})
                .build();
        relay.start();
        return new OutboxPath(store, relay, transport);
    }

    /** Runs with a name, the database's address and dialect, the name server's address, and a mistake. */
    public static void main(String[] arguments) throws IOException {
        CrashingService service = new CrashingService(
                arguments[0], arguments[1], Dialect.valueOf(arguments[2]), arguments[3], Mutant.valueOf(arguments[4]));
        if (!arguments[1].startsWith("jdbc:h2:file")) {
            service.warmUp();
        }
        print(READY);
        try (BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            String line = commands.readLine();
            while (line != null && !line.equals("exit")) {
                service.obey(line);
                line = commands.readLine();
            }
        }
        // Where the input ends, the test JVM has; nothing here keeps this one alive.
        System.exit(0);
    }

    /** Seeded by more than the time: two of these processes may begin in one instant. */
    private static Random random() {
        return new Random(UUID.randomUUID().getMostSignificantBits());
    }

    private static InstantSource faster(InstantSource clock) {
        Instant begin = clock.instant();
        return () -> begin.plus(Duration.between(begin, clock.instant()).multipliedBy(TIMES_FASTER));
    }

    private static DataSource open(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(32);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(10_000);
        return new HikariDataSource(config);
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "crashing-service");
        thread.setDaemon(true);
        return thread;
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Loads what the first transaction would load. */
    private void warmUp() {
        try {
            new TransactionTemplate(transactions).executeWithoutResult(status -> new JdbcTemplate(dataSource)
                    .queryForObject("SELECT COUNT(*) FROM part", Integer.class));
        } catch (DataAccessException | TransactionException e) {
            print("The database is away: " + e);
        }
        codec.decode(codec.encode(new Placed("none", 0)), Placed.class);
    }

    private void obey(String line) {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "activate" -> activate();
            case "consume" -> consume();
            case "tx" -> start(Script.of(line));
            case "arm" -> stops.arm(CrashPoint.valueOf(words[1]));
            case "release" -> {
                stops.release();
                if (path != null) {
                    path.breaker().reset();
                }
            }
            case "books" -> daemon(() -> tellBooks(words[1])).start();
            default -> throw new IllegalArgumentException("Cannot obey '" + line + "'");
        }
    }

    /** From now on it publishes, and is one that can be asked. */
    private void activate() {
        halfMessages = new StoppingHalfMessages(transport(PRODUCERS), stops, scripts);
        halfMessages.onCheckBack(new LedgerCheckBack(ledger, new HalfMessageListener() {}));
        SettledTransactions settled = new SettledTransactions(ledger, faster(clock));
        path = new HalfMessagePath(
                halfMessages,
                ledger,
                new StoppingFallback(startOutbox(), stops),
                () -> UUID.randomUUID().toString(),
                PREPARE_TIMEOUT,
                new HalfMessageListener() {},
                settled,
                HalfMessageBreaker.closed(PREPARE_TIMEOUT, clock),
                clock);
        publisher = new TransactionalMessagePublisher(
                codec,
                new TimeOrderedIds(clock, random()),
                dataSource,
                Map.of(Via.HALF_MESSAGE, path),
                List.of(),
                new PublishListener() {},
                clock);
        timer.scheduleWithFixedDelay(() -> forget(settled), 50, 50, TimeUnit.MILLISECONDS);
        print("ACTIVE");
    }

    private void forget(SettledTransactions settled) {
        stops.begin("forgetting", CrashPoint.Place.FORGETTING);
        try {
            settled.run();
        } finally {
            stops.end();
        }
    }

    private void consume() {
        Subscription subscription = new Subscription(TOPIC, CONSUMERS, "*", CONCURRENCY, false, ATTEMPTS);
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        IdempotentHandler handler = new IdempotentHandler(
                subscription,
                Placed.class,
                (payload, context) -> {
                    Placed placed = (Placed) payload;
                    jdbc.update(
                            "INSERT INTO effect (transaction_name, part) VALUES (?, ?)",
                            placed.transaction(),
                            placed.part());
                },
                ConsumeParts.of(inbox, transactions, codec, clock));
        transport(CONSUMERS).subscribe(subscription, batch -> {
            stops.begin("message-" + batch.get(0).message().id(), CrashPoint.Place.CONSUMER);
            try {
                var outcomes = handler.handle(batch);
                stops.at(CrashPoint.UNACKNOWLEDGED);
                return outcomes;
            } finally {
                stops.end();
            }
        });
        print("CONSUMING");
    }

    private void start(Script script) {
        daemon(() -> run(script)).start();
    }

    private void run(Script script) {
        String outcome = "COMMITTED";
        stops.beginTransaction(script.id(), script.point());
        scripts.set(script);
        try {
            new TransactionTemplate(transactions).executeWithoutResult(status -> work(script));
        } catch (RuntimeException e) {
            outcome = "FAILED " + e.toString().replace('\n', ' ');
        } finally {
            stops.end();
            scripts.remove();
        }
        print("END " + script.id() + ' ' + outcome);
    }

    private void work(Script script) {
        new JdbcTemplate(dataSource)
                .update(
                        "INSERT INTO business (name, messages, commit_millis) VALUES (?, ?, ?)",
                        script.id(),
                        script.messages(),
                        script.commitMillis());
        for (int part = 0; part < script.messages(); part++) {
            publisher.publish(OutgoingMessage.to(TOPIC)
                    .payload(new Placed(script.id(), part))
                    .via(Via.HALF_MESSAGE)
                    .build());
        }
        if (script.has(Turn.ROLLS_BACK)) {
            LastBeforeCommit.register(() -> {
                throw new IllegalStateException("rolled back by the script");
            });
        }
    }

    private void tellBooks(String token) {
        String found;
        try {
            found = new Books(pool, transport).read();
        } catch (RuntimeException e) {
            found = "unreadable " + e.toString().replace('\n', ' ');
        }
        print("BOOKS " + token + ' ' + found + " checkBacks=" + halfMessages.checkBacks() + " mutant=" + mutant);
    }
}
