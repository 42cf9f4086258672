package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tally.message.Destination;
import dev.tally.message.Headers;
import dev.tally.message.Message;
import dev.tally.message.MessageId;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.Subscription;
import dev.tally.transport.redis.server.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster of three servers, of which each has some of the partitions. */
class RedisClusterTest {

    private static final int SLOTS = 16_384;

    private static final List<RedisServer> servers = new ArrayList<>();

    private static ConditionFactory patiently() {
        return await().atMost(Duration.ofSeconds(90)).pollInterval(Duration.ofMillis(50));
    }

    @BeforeAll
    static void startCluster() throws Exception {
        for (int i = 0; i < 3; i++) {
            servers.add(RedisServer.start(
                    TestRedis.folder(),
                    List.of(
                            "--appendonly",
                            "yes",
                            "--appendfsync",
                            "always",
                            "--cluster-enabled",
                            "yes",
                            "--cluster-node-timeout",
                            "2000")));
        }
        for (int i = 0; i < 3; i++) {
            RedisClient client = RedisClient.create(servers.get(i).uri());
            try (StatefulRedisConnection<String, String> connection = client.connect()) {
                connection
                        .sync()
                        .clusterAddSlots(IntStream.range(SLOTS * i / 3, SLOTS * (i + 1) / 3)
                                .toArray());
                connection.sync().clusterMeet("127.0.0.1", servers.get(0).port());
            }
            client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        }
        RedisClient client = RedisClient.create(servers.get(0).uri());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            patiently()
                    .until(() -> connection.sync().clusterInfo().contains("cluster_state:ok")
                            && connection.sync().clusterInfo().contains("cluster_known_nodes:3"));
        }
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }

    @AfterAll
    static void stopCluster() {
        servers.forEach(RedisServer::close);
    }

    private static RedisClusterClient client() {
        return RedisClusterClient.create(RedisURI.create(servers.get(0).uri()));
    }

    private static RedisTransport open(String instance) {
        return new RedisTransport(
                client(),
                TestRedis.settings(instance)
                        .partitions(6)
                        .sendTimeout(Duration.ofSeconds(5))
                        .build());
    }

    @Test
    void carriesMessagesWhoeverOfItsServersHasThePartitionAndOutlivesThatOneIsKilled() throws Exception {
        String topic = "clustered";
        FirstArrivals arrivals = new FirstArrivals();
        try (RedisTransport sending = open("sending");
                RedisTransport first = open("first");
                RedisTransport second = open("second")) {
            Subscription group = new Subscription(topic, "group", "*", 4, true, 5);
            first.subscribe(group, arrivals.member("first"));
            second.subscribe(group, arrivals.member("second"));
            SteadySender sender = new SteadySender(sending, topic);
            patiently().until(() -> arrivals.of("first") > 100 && arrivals.of("second") > 100);

            servers.get(1).kill();
            servers.get(1).start();
            int before = arrivals.distinct();
            int confirmed = sender.confirmed();
            patiently().until(() -> arrivals.distinct() > before + 100 && sender.confirmed() > confirmed + 100);

            int sent = sender.stop();
            patiently().until(() -> arrivals.distinct() == sent);
            arrivals.assertOrder();
        }
    }

    @Test
    void eachMemberOfABroadcastGroupGetsAllOfAllPartitions() {
        String topic = "clustered-broadcast";
        FirstArrivals arrivals = new FirstArrivals();
        try (RedisTransport sending = open("broadcasting");
                RedisTransport member = open("hearing")) {
            member.subscribe(
                    new Subscription(topic, "group", "*", 4, true, 5).toEachMember(), arrivals.member("member"));
            List<Message> messages = IntStream.range(0, 12)
                    .mapToObj(i -> new Message(
                            new MessageId("b-" + i),
                            Destination.topic(topic),
                            "key-" + i,
                            "t",
                            Headers.empty(),
                            RedisKeys.bytes(Integer.toString(i))))
                    .toList();
            patiently().until(() -> {
                assertThat(sending.send(messages)).allMatch(outcome -> outcome.join() instanceof SendOutcome.Sent);
                return arrivals.distinct() == 12;
            });
        }
    }

    @Test
    void doesNotWaitForReplicas() {
        assertThatThrownBy(() -> new RedisTransport(
                        client(), TestRedis.settings("waits").minReplicas(1).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("minReplicas=1")
                .hasMessageContaining("min-replicas-to-write");
    }
}
