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
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A user that may do what {@code docs/transports/redis.md} says, and nothing else. */
class RedisAclTest {

    private static final String COMMANDS =
            "+eval +xadd +xread +xreadgroup +xack +xclaim +xpending +xgroup +xinfo +xrange "
                    + "+xrevrange +xtrim +get +set +del +pexpire +hget +hsetnx +zadd +zrem +zrange +zremrangebyscore +time";

    private static RedisServer server;

    @BeforeAll
    static void startRedis() throws Exception {
        Path folder = TestRedis.folder();
        Path file = Files.writeString(
                folder.resolve("redis.conf"), "user default off\nuser tally on >secret ~tally:* " + COMMANDS + "\n");
        server = RedisServer.start(folder, file, List.of());
    }

    @AfterAll
    static void stopRedis() {
        server.close();
    }

    private static RedisTransport open(String password, String prefix) {
        RedisURI uri = RedisURI.builder()
                .withHost("127.0.0.1")
                .withPort(server.port())
                .withAuthentication("tally", password)
                .build();
        return new RedisTransport(
                RedisClient.create(uri),
                TestRedis.settings("user").prefix(prefix).build());
    }

    private static Message message(String text) {
        return new Message(
                new MessageId("m-" + text),
                Destination.topic("orders"),
                "k",
                "t",
                Headers.empty(),
                RedisKeys.bytes(text));
    }

    @Test
    void needsNoMoreThanIsDocumented() {
        try (RedisTransport transport = open("secret", "tally:")) {
            ReceivedMessages received = new ReceivedMessages();
            transport.subscribe(
                    new Subscription("orders", "group", "*", 2, true, 2),
                    received.handler(
                            message -> RedisKeys.text(message.payload()).equals("bad")
                                    ? new DeliveryOutcome.Retry("bad")
                                    : new DeliveryOutcome.Delivered()));
            ReceivedMessages each = new ReceivedMessages();
            transport.subscribe(
                    new Subscription("orders:group:dead", "each", "*", 2, true, 2).toEachMember(),
                    each.handler(message -> new DeliveryOutcome.Delivered()));
            await().atMost(Duration.ofSeconds(90)).until(() -> {
                transport.send(List.of(message("good"), message("bad"))).forEach(outcome -> assertThat(outcome.join())
                        .isInstanceOf(SendOutcome.Sent.class));
                return received.ids().contains("m-good") && each.ids().contains("m-bad");
            });
        }
    }

    @Test
    void saysThatATopicIsForbiddenForEver() {
        try (RedisTransport transport = open("secret", "other:")) {
            assertThat(transport.send(List.of(message("x"))).get(0).join())
                    .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
                        assertThat(failed.retryable()).isFalse();
                        assertThat(failed.reason()).contains("NOPERM").contains("m-x");
                    });
        }
    }

    @Test
    void triesAgainWhereThePasswordMayBecomeTheRightOne() {
        try (RedisTransport transport = open("wrong", "tally:")) {
            assertThat(transport.send(List.of(message("x"))).get(0).join())
                    .isInstanceOfSatisfying(SendOutcome.Failed.class, failed -> {
                        assertThat(failed.retryable()).isTrue();
                        assertThat(failed.reason()).contains("WRONGPASS");
                    });
        }
    }
}
