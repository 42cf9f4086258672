package dev.tally.testkit;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxPath;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import dev.tally.outbox.relay.OutboxRelay;
import dev.tally.publish.Settlement;
import dev.tally.transport.Transport;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/** One process with an outbox: its relay, its threads, and transactions that publish. */
final class OutboxNode implements AutoCloseable {

    private final ScheduledExecutorService scheduler = Executors.newScheduledThreadPool(5, runnable -> {
        Thread thread = new Thread(runnable, "relay");
        thread.setDaemon(true);
        return thread;
    });
    private final JdbcOutboxStore store;
    private final OutboxRelay relay;
    private final OutboxPath path;
    private final TransactionTemplate transactions;

    OutboxNode(TestDatabase database, Transport transport, OutboxSettings settings) {
        this(
                database.dataSource(),
                JdbcOutboxStore.create(database.dataSource(), database.dialect()),
                transport,
                settings,
                InstantSource.system(),
                new OutboxListener() {});
    }

    OutboxNode(
            DataSource dataSource,
            JdbcOutboxStore store,
            Transport transport,
            OutboxSettings settings,
            InstantSource clock,
            OutboxListener listener) {
        this.store = store;
        this.relay = OutboxRelay.over(store, transport, scheduler, clock, new Random(1), () -> UUID.randomUUID()
                        .toString())
                .settings(settings)
                .listener(listener)
                .build();
        this.path = new OutboxPath(store, relay, transport);
        this.transactions = new TransactionTemplate(new DataSourceTransactionManager(dataSource));
    }

    OutboxNode start() {
        relay.start();
        return this;
    }

    OutboxRelay relay() {
        return relay;
    }

    JdbcOutboxStore store() {
        return store;
    }

    /** Publishes messages with one key and these ids in one transaction that commits. */
    void publish(String key, String... ids) {
        transactions.executeWithoutResult(status -> prepareAtCommit(messages(key, ids)));
    }

    /** The same, and rolls back after the rows are inserted. */
    void publishAndRollBack(String key, String... ids) {
        transactions.executeWithoutResult(status -> {
            prepareNow(messages(key, ids));
            status.setRollbackOnly();
        });
    }

    void prepareAtCommit(List<Message> messages) {
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            private Settlement settlement;

            @Override
            public void beforeCommit(boolean readOnly) {
                settlement = path.prepare(messages);
            }

            @Override
            public void afterCompletion(int status) {
                settle(settlement, status);
            }
        });
    }

    /** Inserts the rows now; the transaction goes on. */
    void prepareNow(List<Message> messages) {
        Settlement settlement = path.prepare(messages);
        TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
            @Override
            public void afterCompletion(int status) {
                settle(settlement, status);
            }
        });
    }

    private static void settle(Settlement settlement, int status) {
        if (settlement == null) {
            return;
        }
        switch (status) {
            case TransactionSynchronization.STATUS_COMMITTED -> settlement.committed();
            case TransactionSynchronization.STATUS_ROLLED_BACK -> settlement.rolledBack();
            default -> settlement.unknown();
        }
    }

    TransactionTemplate transactions() {
        return transactions;
    }

    OutboxPath path() {
        return path;
    }

    static List<Message> messages(String key, String... ids) {
        return List.of(ids).stream().map(id -> message(key, id)).toList();
    }

    static Message message(String key, String id) {
        return new Message(
                new MessageId(id),
                Destination.topic("orders"),
                key,
                "order-placed",
                Headers.empty(),
                ("payload of " + id).getBytes(StandardCharsets.UTF_8));
    }

    /** Stops every thread as a kill would, without a word to the database. */
    void kill() {
        scheduler.shutdownNow();
        try {
            scheduler.awaitTermination(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (!scheduler.isShutdown()) {
            relay.close();
        }
        kill();
    }
}
