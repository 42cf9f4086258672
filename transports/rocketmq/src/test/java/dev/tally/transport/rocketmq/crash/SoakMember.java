package dev.tally.transport.rocketmq.crash;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tally.consume.ConsumeListener;
import dev.tally.consume.ConsumeParts;
import dev.tally.consume.IdempotentHandler;
import dev.tally.consume.InboxStore;
import dev.tally.consume.JdbcInboxStore;
import dev.tally.jdbc.Dialect;
import dev.tally.message.JacksonPayloadCodec;
import dev.tally.transport.Subscription;
import dev.tally.transport.rocketmq.RocketMqSettings;
import dev.tally.transport.rocketmq.RocketMqTransport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;

/**
 * A member of a consumer group, as a process to be killed. Each message moves its key one step on, in the database; what
 * does not fit there is written down. It obeys the lines {@code measure <token>} and {@code leave}, and tells now and then
 * how many deliveries took effect and how many were duplicates.
 */
public final class SoakMember {

    static final String READY = "READY";
    static final String TOPIC = "soak";
    static final String GROUP = "soak-consumers";
    static final String COUNTS = "COUNTS ";
    static final String MEMORY = "MEMORY ";

    private static final int CONCURRENCY = 8;
    private static final int ATTEMPTS = 1_000_000;

    /** What is published: the number of a key's step, from 1. */
    record Step(int key, long number, String filler) {}

    private final LongAdder effects = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final String name;
    private final RocketMqTransport transport;
    private final JdbcTemplate jdbc;
    private String told = "";

    private SoakMember(String name, String url, String nameServer, Mutant mutant) {
        this.name = name;
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(CONCURRENCY + 2);
        config.setMinimumIdle(0);
        HikariDataSource pool = new HikariDataSource(config);
        this.jdbc = new JdbcTemplate(pool);
        JdbcTransactionManager transactions = new JdbcTransactionManager(pool);
        this.transport = new RocketMqTransport(RocketMqSettings.builder(
                        nameServer,
                        GROUP + "-members",
                        name + "-" + ProcessHandle.current().pid())
                .orderedRetryDelay(Duration.ofMillis(100))
                .build());
        InboxStore inbox = new StoppingInbox(
                new JdbcInboxStore(pool, transactions, Dialect.POSTGRESQL), new Stops((id, point) -> {}), mutant);
        Subscription subscription = new Subscription(TOPIC, GROUP, "*", CONCURRENCY, true, ATTEMPTS);
        IdempotentHandler handler = new IdempotentHandler(
                subscription,
                Step.class,
                (payload, context) -> take((Step) payload),
                ConsumeParts.of(
                                inbox,
                                transactions,
                                new JacksonPayloadCodec(tools.jackson.databind.json.JsonMapper.shared()),
                                InstantSource.system())
                        .with(counting()));
        transport.subscribe(subscription, handler);
    }

    private ConsumeListener counting() {
        return new ConsumeListener() {
            @Override
            public void handled(String topic, String group, Duration took) {
                effects.increment();
            }

            @Override
            public void duplicate(String topic, String group) {
                duplicates.increment();
            }

            @Override
            public void failed(String topic, String group, Duration took, String reason) {
                failures.increment();
            }
        };
    }

    /** Runs with a name, the database's address, the name server's, and a mistake. */
    public static void main(String[] arguments) throws IOException {
        SoakMember member = new SoakMember(arguments[0], arguments[1], arguments[2], Mutant.valueOf(arguments[3]));
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "counts");
            thread.setDaemon(true);
            return thread;
        });
        timer.scheduleWithFixedDelay(member::tellCounts, 250, 250, TimeUnit.MILLISECONDS);
        print(READY);
        member.obey();
        // Where the input ends, the test JVM has; nothing here keeps this one alive.
        System.exit(0);
    }

    private void obey() throws IOException {
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                if (order.startsWith("measure ")) {
                    System.gc();
                    Runtime runtime = Runtime.getRuntime();
                    print(MEMORY
                            + order.substring("measure ".length())
                            + ' '
                            + (runtime.totalMemory() - runtime.freeMemory()));
                } else if (order.equals("leave")) {
                    transport.close();
                    tellCounts();
                    return;
                }
            }
        }
    }

    /** In the handler's transaction: the first step that is not the next one is found, whatever comes later. */
    private void take(Step step) {
        int inTurn = jdbc.update(
                "UPDATE progress SET last = ?, effects = effects + 1 WHERE k = ? AND last = ?",
                step.number(),
                step.key(),
                step.number() - 1);
        if (inTurn == 0) {
            jdbc.update(
                    "INSERT INTO violation (k, n, found, member) SELECT k, ?, last, ? FROM progress WHERE k = ?",
                    step.number(),
                    name,
                    step.key());
            jdbc.update(
                    "UPDATE progress SET last = GREATEST(last, ?), effects = effects + 1 WHERE k = ?",
                    step.number(),
                    step.key());
        }
    }

    private synchronized void tellCounts() {
        String counts = COUNTS + effects.sum() + ' ' + duplicates.sum() + ' ' + failures.sum();
        if (!counts.equals(told)) {
            told = counts;
            print(counts);
        }
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
