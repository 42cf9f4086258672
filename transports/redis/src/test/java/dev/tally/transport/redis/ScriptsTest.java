package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server itself refuses to whom has no lease, or an earlier one. */
class ScriptsTest {

    private static final byte[] STREAM = RedisKeys.bytes("{s}");
    private static final byte[] LEASE = RedisKeys.bytes("{s}:lease");

    private static TestRedis redis;
    private static RedisClient client;

    private StatefulRedisConnection<byte[], byte[]> connection;
    private Session session;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = TestRedis.start();
        client = RedisClient.create(redis.server.uri());
    }

    @AfterAll
    static void stopRedis() {
        client.shutdown();
        redis.close();
    }

    @BeforeEach
    void fill() {
        connection = client.connect(ByteArrayCodec.INSTANCE);
        session = new Session(connection, connection.async());
        connection.sync().flushall();
        connection.sync().xadd(STREAM, RedisKeys.bytes("payload"), RedisKeys.bytes("1"));
        connection.sync().xadd(STREAM, RedisKeys.bytes("payload"), RedisKeys.bytes("2"));
        connection.sync().xgroupCreate(StreamOffset.from(STREAM, "0-0"), RedisKeys.bytes("g"));
    }

    @AfterEach
    void close() {
        connection.close();
    }

    private static <T> T of(CompletableFuture<T> answer) throws Exception {
        return answer.get(30, TimeUnit.SECONDS);
    }

    private List<Object> read(String token) throws Exception {
        return of(Scripts.readNew(session, STREAM, LEASE, token, "g", 10));
    }

    private long pending() {
        return connection.sync().xpending(STREAM, RedisKeys.bytes("g")).getCount();
    }

    @Test
    void aLeaseIsOneMembersUntilItRunsOutOrIsReleased() throws Exception {
        assertThat(of(Scripts.takeLease(session, LEASE, "a", "a:1", 60_000))).isTrue();
        assertThat(of(Scripts.takeLease(session, LEASE, "b", "b:1", 60_000))).isFalse();
        assertThat(of(Scripts.renewLease(session, LEASE, "b:1", 60_000))).isFalse();
        assertThat(of(Scripts.renewLease(session, LEASE, "a:1", 90_000))).isTrue();
        assertThat(connection.sync().pttl(LEASE)).isGreaterThan(60_000);
        assertThat(release("b:1")).isZero();
        assertThat(release("a:1")).isEqualTo(1);
        assertThat(of(Scripts.takeLease(session, LEASE, "b", "b:1", 1))).isTrue();
        org.awaitility.Awaitility.await().until(() -> of(Scripts.takeLease(session, LEASE, "a", "a:2", 60_000)));
        assertThat(of(Scripts.takeLease(session, LEASE, "", ":1", 60_000))).isFalse();
        assertThat(of(Scripts.takeLease(session, LEASE, "a:2", "a:2:1", 60_000)))
                .as("a member whose name begins as the token does")
                .isFalse();
    }

    private long release(String token) throws Exception {
        return of(Scripts.releaseLease(
                session,
                STREAM,
                LEASE,
                List.of(RedisKeys.bytes(token), RedisKeys.bytes("g"), RedisKeys.bytes(GroupPartition.CONSUMER))));
    }

    @Test
    void readsNothingForWhoHasNoLeaseOrAnEarlierOne() throws Exception {
        assertThat(read("a:1")).containsExactly(0L);
        of(Scripts.takeLease(session, LEASE, "b", "b:1", 60_000));
        assertThat(read("a:1")).containsExactly(0L);
        assertThat(of(Scripts.takeLease(session, LEASE, "b", "b:2", 60_000)))
                .as("its own, anew")
                .isTrue();
        assertThat(read("b:1")).as("a read that was on its way for long").containsExactly(0L);
        assertThat(of(Scripts.takePending(session, STREAM, LEASE, "b:1", "g", "-", 10)))
                .containsExactly(0L);
        assertThat(pending()).isZero();
        assertThat((List<?>) read("b:2").get(1)).hasSize(2);
        assertThat(pending()).isEqualTo(2);
        List<Object> drained = read("b:2");
        assertThat((List<?>) drained.get(1)).isEmpty();
        assertThat(drained).as("and the last id that was read").hasSize(3);
    }

    @Test
    void takesWhatIsPendingInOrderAndCountsIt() throws Exception {
        of(Scripts.takeLease(session, LEASE, "a", "a:1", 60_000));
        read("a:1");
        List<?> taken = (List<?>) of(Scripts.takePending(session, STREAM, LEASE, "a:1", "g", "-", 1))
                .get(1);
        assertThat(taken).hasSize(1);
        List<?> first = (List<?>) taken.get(0);
        assertThat(first.get(2)).isEqualTo(2L);
        String id = RedisKeys.text((byte[]) first.get(0));
        List<?> next = (List<?>) of(Scripts.takePending(session, STREAM, LEASE, "a:1", "g", '(' + id, 10))
                .get(1);
        assertThat(next).hasSize(1);

        of(Scripts.releaseLease(
                session,
                STREAM,
                LEASE,
                List.of(
                        RedisKeys.bytes("a:1"),
                        RedisKeys.bytes("g"),
                        RedisKeys.bytes(GroupPartition.CONSUMER),
                        RedisKeys.bytes(id),
                        RedisKeys.bytes("0"))));
        of(Scripts.takeLease(session, LEASE, "b", "b:1", 60_000));
        List<?> again = (List<?>) of(Scripts.takePending(session, STREAM, LEASE, "b:1", "g", "-", 10))
                .get(1);
        assertThat(((List<?>) again.get(0)).get(2))
                .as("told that it was not tried")
                .isEqualTo(1L);
        assertThat(((List<?>) again.get(1)).get(2)).isEqualTo(3L);
    }

    @Test
    void saysThatTheGroupIsGone() throws Exception {
        of(Scripts.takeLease(session, LEASE, "a", "a:1", 60_000));
        connection.sync().del(STREAM);
        assertThatThrownBy(() -> read("a:1"))
                .satisfies(thrown -> assertThat(Failures.isNoGroup(thrown)).isTrue());
    }

    @Test
    void forgetsMembersThatDoNotGreetAnyMore() throws Exception {
        byte[] members = RedisKeys.bytes("members");
        of(Scripts.greet(session, members, "short", 1));
        org.awaitility.Awaitility.await()
                .until(() -> of(Scripts.greet(session, members, "long", 60_000)).size() == 1);
        assertThat(of(Scripts.greet(session, members, "other", 60_000))).hasSize(2);
    }
}
