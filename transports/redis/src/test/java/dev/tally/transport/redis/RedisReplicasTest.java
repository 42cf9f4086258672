package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.testkit.ReceivedMessages;
import dev.tally.transport.DeliveryOutcome;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.redis.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;

/** Servers with replicas: confirmations that wait for them, and sentinels that make one of them the master. */
class RedisReplicasTest {

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    private static Message message(String id) {
        return new Message(
                new MessageId(id), Destination.topic("replicated"), "k", "t", Headers.empty(), new byte[] {1});
    }

    private static RedisServer replicaOf(RedisServer master) throws Exception {
        return RedisServer.start(
                TestRedis.folder(),
                List.of(
                        "--appendonly",
                        "yes",
                        "--replicaof",
                        "127.0.0.1",
                        Integer.toString(master.port()),
                        "--repl-diskless-sync-delay",
                        "0"));
    }

    @Test
    void countsAsSentOnlyWhatReplicasHave() throws Exception {
        try (RedisServer master = RedisServer.start(TestRedis.folder());
                RedisTransport transport = new RedisTransport(
                        RedisClient.create(master.uri()),
                        TestRedis.settings("waits")
                                .minReplicas(1)
                                .sendTimeout(Duration.ofSeconds(4))
                                .build())) {
            SendOutcome alone = transport.send(List.of(message("alone"))).get(0).join();
            assertThat(alone).isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
                assertThat(failed.retryable()).isTrue();
                assertThat(failed.reason()).contains("0 of 1 replicas (minReplicas)");
            });

            try (RedisServer replica = replicaOf(master)) {
                assertThat(replica.port()).isPositive();
                patiently()
                        .until(() ->
                                transport.send(List.of(message("first"))).get(0).join() instanceof SendOutcome.Sent);
                List<CompletableFuture<SendOutcome>> outcomes = transport.send(
                        IntStream.range(0, 200).mapToObj(i -> message("m" + i)).toList());
                assertThat(outcomes).allMatch(outcome -> outcome.join() instanceof SendOutcome.Sent);
            }
        }
    }

    @Test
    void followsSentinelsToTheNewMaster() throws Exception {
        List<RedisServer> servers = new ArrayList<>();
        try {
            RedisServer master = RedisServer.start(TestRedis.folder());
            servers.add(master);
            servers.add(replicaOf(master));
            servers.add(sentinelOf(master));
            RedisURI uri = RedisURI.Builder.sentinel("127.0.0.1", servers.get(2).port(), "tally")
                    .build();
            try (RedisTransport transport = new RedisTransport(
                    RedisClient.create(uri),
                    TestRedis.settings("follows")
                            .minReplicas(1)
                            .sendTimeout(Duration.ofSeconds(4))
                            .build())) {
                ReceivedMessages received = new ReceivedMessages();
                transport.subscribe(
                        new Subscription("replicated", "group", "*", 2, true, 5),
                        received.handler(message -> new DeliveryOutcome.Delivered()));
                patiently()
                        .until(() -> transport
                                        .send(List.of(message("before")))
                                        .get(0)
                                        .join()
                                instanceof SendOutcome.Sent);
                patiently().until(() -> received.ids().contains("before"));

                master.kill();
                patiently().until(() -> !transport
                        .send(List.of(message("after")))
                        .get(0)
                        .join()
                        .toString()
                        .contains("no confirmation"));
                // The one that is left has no replica any more, and says so: that is the new master's answer.
                patiently().until(() -> transport
                        .send(List.of(message("after")))
                        .get(0)
                        .join()
                        .toString()
                        .contains("0 of 1 replicas"));
                patiently().until(() -> received.ids().contains("after"));
            }
        } finally {
            servers.forEach(RedisServer::close);
        }
    }

    private static RedisServer sentinelOf(RedisServer master) throws Exception {
        Path folder = TestRedis.folder();
        Path file = Files.writeString(
                folder.resolve("sentinel.conf"),
                "sentinel monitor tally 127.0.0.1 " + master.port()
                        + " 1\nsentinel down-after-milliseconds tally 1000\nsentinel failover-timeout tally 5000\n");
        return RedisServer.start(folder, file, List.of("--sentinel"));
    }
}
