package dev.tally.testkit;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.jdbc.Dialect;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxSettings;
import dev.tally.outbox.bridge.OutboxBridge;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.springframework.jdbc.core.JdbcTemplate;

/** A process that takes rows, and stops dead in its second batch, when it has inserted everything and is about to commit. */
final class CrashingBridge {

    static final String AT_THE_POINT = "AT THE POINT";

    private CrashingBridge() {}

    public static void main(String[] arguments) {
        HikariDataSource pool = Pools.open(arguments[0]);
        Dialect dialect = Dialect.of(pool);
        OutboxNode node = new OutboxNode(
                pool,
                JdbcOutboxStore.create(pool, dialect),
                new RecordingTransport(),
                OutboxSettings.builder().build(),
                InstantSource.system(),
                new OutboxListener() {});
        StoppingCommits transactions = new StoppingCommits(pool, 2, false, () -> {
            System.out.println(AT_THE_POINT);
            waitForTheEnd();
        });
        OutboxBridge bridge = OutboxBridge.over(
                        RecordedCalls.PEER,
                        pool,
                        dialect,
                        transactions,
                        node.path(),
                        new RecordedCalls(new JdbcTemplate(pool)).mapping,
                        () -> InstantSource.system().instant().plus(Duration.ofHours(1)))
                .settings(BridgeBench.settings())
                .build();
        BridgeBench.round(bridge);
    }

    private static void waitForTheEnd() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
