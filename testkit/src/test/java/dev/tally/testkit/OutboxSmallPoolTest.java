package dev.tally.testkit;

import static dev.tally.testkit.OutboxRelayBehaviour.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import dev.tally.outbox.OutboxListener;
import dev.tally.outbox.OutboxNotJoinedException;
import dev.tally.outbox.jdbc.JdbcOutboxStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The relay and the transactions that publish share a pool that is too small for both. */
class OutboxSmallPoolTest {

    private final RecordingTransport transport = new RecordingTransport();
    private final TestDatabase database = PostgresDatabase.create();
    private final JdbcOutboxStore watch = JdbcOutboxStore.create(database.dataSource(), database.dialect());

    @AfterEach
    void closeDatabase() {
        database.close();
    }

    private void awaitEmptyTable() {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(watch.stats().pending()).isZero());
    }

    /** Who publishes waits with a connection in hand, and the heartbeat that is waited for needs one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void publishersThatHoldTheWholePoolDoNotKeepTheNodeFromItsHeartbeat(int connections) throws Exception {
        AtomicReference<Duration> shift = new AtomicReference<>(Duration.ZERO);
        try (HikariDataSource pool = Pools.open(database.url(), connections)) {
            OutboxNode node =
                    nodeOn(pool, () -> InstantSource.system().instant().plus(shift.get()));
            node.start();
            assertThat(node.relay().awaitJoined(SOON)).isTrue();
            node.publish("k", "m1");
            CyclicBarrier allHoldOne = new CyclicBarrier(connections, () -> shift.set(Duration.ofSeconds(10)));
            List<CompletableFuture<Void>> publishers = IntStream.range(0, connections)
                    .mapToObj(ignored -> CompletableFuture.runAsync(
                            () -> node.transactions().executeWithoutResult(status -> {
                                awaitAll(allHoldOne);
                                // The lease is over, and without a connection there is no heartbeat.
                                node.prepareNow(OutboxNode.messages("k", "never"));
                            }),
                            task -> new Thread(task, "publisher").start()))
                    .toList();
            for (CompletableFuture<Void> publisher : publishers) {
                assertThatThrownBy(() -> publisher.get(SOON.toSeconds(), TimeUnit.SECONDS))
                        .hasCauseInstanceOf(OutboxNotJoinedException.class)
                        .hasMessageContaining("pool");
            }
            await().atMost(SOON).ignoreExceptions().until(() -> {
                node.publish("k", "m2");
                return true;
            });
            awaitEmptyTable();
            assertThat(transport.firstDeliveries("k")).containsExactly("m1", "m2");
            node.close();
        }
    }

    @Test
    void aNodeJoinsThoughMorePublishersThanThePoolHasConnectionsWaitForIt() throws Exception {
        watch.register("dead", "dead~", null, 8);
        try (HikariDataSource pool = Pools.open(database.url(), 2)) {
            OutboxNode node = nodeOn(pool, InstantSource.system()).start();
            List<CompletableFuture<Void>> publishers = IntStream.range(0, 4)
                    .mapToObj(number -> CompletableFuture.runAsync(
                            () -> await().atMost(SOON).ignoreExceptions().until(() -> {
                                node.publish("k" + number, "m" + number);
                                return true;
                            }),
                            task -> new Thread(task, "publisher").start()))
                    .toList();
            for (CompletableFuture<Void> publisher : publishers) {
                publisher.get(SOON.toSeconds() * 2, TimeUnit.SECONDS);
            }
            awaitEmptyTable();
            assertThat(transport.sentIds()).containsExactlyInAnyOrder("m0", "m1", "m2", "m3");
            node.close();
        }
    }

    private OutboxNode nodeOn(HikariDataSource pool, InstantSource clock) {
        return new OutboxNode(
                pool,
                JdbcOutboxStore.create(pool, database.dialect()),
                transport,
                OutboxRelayBehaviour.quick()
                        .lanes(8)
                        .joinLimit(Duration.ofHours(1))
                        .build(),
                clock,
                new OutboxListener() {});
    }

    private static void awaitAll(CyclicBarrier barrier) {
        try {
            barrier.await(SOON.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new IllegalStateException("Not all got a connection", e);
        }
    }
}
