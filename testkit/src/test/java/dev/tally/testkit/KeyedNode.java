package dev.tally.testkit;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.message.TallyException;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.retry.Backoff;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Capability;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.TransactionException;

/**
 * One of several processes that publish for the same keys. Each transaction counts its key's row up, notes who did that,
 * and publishes both. The broker is a file that all of them append to. Told what to do line by line:
 * {@code go}, {@code stop <word>}, answered by {@code STOPPED <word>} when no transaction runs, {@code jump <seconds>} (its
 * clock) and {@code leave}.
 */
final class KeyedNode {

    static final String READY = "READY";
    static final String STOPPED = "STOPPED ";
    static final int KEYS = 12;
    private static final int THREADS = 3;

    private final OutboxNode node;
    private final JdbcTemplate business;
    private final String place;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean going = true;
    private volatile long shiftSeconds;

    private KeyedNode(HikariDataSource pool, String place, Path broker, boolean sameAgain, long shiftSeconds)
            throws IOException {
        this.place = place;
        this.shiftSeconds = shiftSeconds;
        this.business = new JdbcTemplate(pool);
        OutboxSettings settings = OutboxSettings.builder()
                .instance(sameAgain ? place : null)
                .heartbeat(Duration.ofMillis(250))
                .nodeExpiry(Duration.ofMillis(1250))
                .joinLimit(Duration.ofSeconds(2))
                .retry(new Backoff(Duration.ofMillis(10), Duration.ofMillis(200), 2, 0.5))
                .maxAttempts(1_000_000)
                .memoryEntries(200)
                .lanes(16)
                .drainLimit(Duration.ofSeconds(2))
                .build();
        this.node = new OutboxNode(
                pool,
                JdbcOutboxStore.create(pool, Dialect.of(pool)),
                new SharedFile(broker),
                settings,
                () -> Instant.now().plusSeconds(this.shiftSeconds),
                new OutboxListener() {});
    }

    public static void main(String[] arguments) throws IOException {
        HikariDataSource pool = Pools.open(arguments[0]);
        KeyedNode self = new KeyedNode(
                pool,
                arguments[1],
                Path.of(arguments[2]),
                Boolean.parseBoolean(arguments[3]),
                Long.parseLong(arguments[4]));
        self.node.start();
        for (int i = 0; i < THREADS; i++) {
            Thread worker = new Thread(self::publishForEver, "business-" + i);
            worker.setDaemon(true);
            worker.start();
        }
        System.out.println(READY);
        self.obey();
    }

    private void obey() throws IOException {
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                if (order.equals("go")) {
                    going = true;
                } else if (order.startsWith("stop ")) {
                    going = false;
                    while (running.get() > 0) {
                        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                    }
                    System.out.println(STOPPED + order.substring(5));
                } else if (order.startsWith("jump ")) {
                    shiftSeconds += Long.parseLong(order.substring(5));
                } else if (order.equals("leave")) {
                    going = false;
                    node.close();
                    System.exit(0);
                }
            }
        }
    }

    private void publishForEver() {
        Random random = new Random();
        while (true) {
            running.incrementAndGet();
            if (!going) {
                running.decrementAndGet();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
                continue;
            }
            try {
                transaction(random);
            } catch (TallyException | DataAccessException | TransactionException e) {
                // Rolled back, or nobody knows: the tables tell. What matters is what they and the file say.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            } finally {
                running.decrementAndGet();
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(40_000)));
        }
    }

    private void transaction(Random random) {
        String first = "k" + random.nextInt(KEYS);
        String second = "k" + random.nextInt(KEYS);
        boolean two = first.compareTo(second) < 0 && random.nextInt(3) == 0;
        boolean rollBack = random.nextInt(8) == 0;
        String transaction = place + "-" + UUID.randomUUID();
        node.transactions().executeWithoutResult(status -> {
            // A process that is stopped holds its keys; the others go on with the rest.
            business.execute("SET LOCAL lock_timeout = '150ms'");
            Message one = effect(first, transaction);
            List<Message> messages = two ? List.of(one, effect(second, transaction)) : List.of(one);
            if (random.nextInt(10) == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(60)));
            }
            if (rollBack) {
                node.prepareNow(messages);
                status.setRollbackOnly();
            } else {
                node.prepareAtCommit(messages);
            }
        });
    }

    private Message effect(String key, String transaction) {
        Long count = business.queryForObject("UPDATE counter SET n = n + 1 WHERE k = ? RETURNING n", Long.class, key);
        business.update("INSERT INTO effect (k, n, tx) VALUES (?, ?, ?)", key, count, transaction);
        String payload = key + " " + count + " " + transaction;
        return new Message(
                new MessageId(UUID.randomUUID().toString()),
                Destination.topic("effects"),
                key,
                "effect",
                Headers.empty(),
                payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Appends a line for each message, with one write; at times it says that it failed, having written or not. */
    private static final class SharedFile implements Transport {

        private final FileChannel file;
        private final Random random = new Random();

        SharedFile(Path path) throws IOException {
            file = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }

        @Override
        public String name() {
            return "shared-file";
        }

        @Override
        public Set<Capability> capabilities() {
            return Set.of(Capability.KEY_ORDER);
        }

        @Override
        public List<CompletableFuture<SendOutcome>> send(List<Message> messages) {
            return messages.stream().map(this::send).toList();
        }

        private CompletableFuture<SendOutcome> send(Message message) {
            int dice = random.nextInt(200);
            Executor later = CompletableFuture.delayedExecutor(random.nextInt(4000), TimeUnit.MICROSECONDS);
            return CompletableFuture.supplyAsync(() -> write(message, dice), later)
                    .thenApplyAsync(outcome -> outcome, later);
        }

        private SendOutcome write(Message message, int dice) {
            if (dice == 0) {
                return new SendOutcome.Failed(true, "not written", null);
            }
            try {
                byte[] payload = message.payload();
                ByteBuffer line =
                        ByteBuffer.allocate(payload.length + 1).put(payload).put((byte) '\n');
                file.write(line.flip());
            } catch (IOException e) {
                return new SendOutcome.Failed(true, "file not written", e);
            }
            return dice == 1
                    ? new SendOutcome.Failed(true, "written, but the answer was lost", null)
                    : new SendOutcome.Sent("written");
        }

        @Override
        public ActiveSubscription subscribe(Subscription subscription, BatchHandler handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
