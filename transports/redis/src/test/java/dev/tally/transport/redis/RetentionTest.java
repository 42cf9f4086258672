package dev.tally.transport.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Consumer;
import io.lettuce.core.Range;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What trimming removes, at a real server: whole nodes of a hundred entries, never one that a group still needs. */
class RetentionTest {

    private static final long WEEK = Duration.ofDays(7).toMillis();
    private static final byte[] GROUP = RedisKeys.bytes("group");

    private static TestRedis redis;

    @BeforeAll
    static void startRedis() throws Exception {
        redis = TestRedis.start();
    }

    @AfterAll
    static void stopRedis() {
        redis.close();
    }

    /** 300 entries of long ago, and one of now. */
    private static byte[] stream(String name) {
        byte[] stream = RedisKeys.bytes(name);
        redis.with(connection -> {
            for (int i = 1; i <= 300; i++) {
                connection
                        .sync()
                        .xadd(stream, new XAddArgs().id(i + "-0"), RedisKeys.bytes("payload"), RedisKeys.bytes("x"));
            }
            return connection.sync().xadd(stream, RedisKeys.bytes("payload"), RedisKeys.bytes("now"));
        });
        return stream;
    }

    private static Object[] trim(byte[] stream, boolean deadLetters) {
        return redis.with(connection -> {
            try {
                Session session = new Session(connection, connection.async());
                return Scripts.trim(session, stream, WEEK, deadLetters)
                        .get(30, TimeUnit.SECONDS)
                        .toArray();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static long length(byte[] stream) {
        return redis.with(connection -> connection.sync().xlen(stream));
    }

    private static void createGroup(byte[] stream) {
        redis.with(connection -> connection.sync().xgroupCreate(StreamOffset.from(stream, "0-0"), GROUP));
    }

    @SuppressWarnings("unchecked") // an array of one offset
    private static void read(StatefulRedisConnection<byte[], byte[]> connection, byte[] stream, int count) {
        connection
                .sync()
                .xreadgroup(
                        Consumer.from(GROUP, GROUP), XReadArgs.Builder.count(count), StreamOffset.lastConsumed(stream));
    }

    @Test
    void removesWhatIsOldWhereNobodyWantsIt() {
        byte[] stream = stream("nobody");
        assertThat(trim(stream, false)).containsExactly(300L);
        assertThat(length(stream)).isEqualTo(1);
    }

    @Test
    void keepsDeadLettersThatNobodyHasRead() {
        byte[] stream = stream("dead");
        assertThat(trim(stream, true)).containsExactly(0L);
        assertThat(length(stream)).isEqualTo(301);
    }

    @Test
    void keepsWhatAGroupHasNotReadAndNamesTheGroup() {
        byte[] stream = stream("unread");
        createGroup(stream);
        Object[] answer = trim(stream, false);
        assertThat(answer).hasSize(2);
        assertThat(RedisKeys.text((byte[]) answer[1])).isEqualTo("group");
        assertThat(length(stream)).isEqualTo(301);
    }

    @Test
    void keepsWhatAGroupHasNotAcknowledged() {
        byte[] stream = stream("pending");
        createGroup(stream);
        redis.with(connection -> {
            read(connection, stream, 250);
            for (int i = 1; i < 150; i++) {
                connection.sync().xack(stream, GROUP, i + "-0");
            }
            return 0;
        });
        Object[] answer = trim(stream, false);
        assertThat(answer[0]).isEqualTo(100L);
        long oldestPending = redis.with(connection -> (long)
                connection.sync().xrange(stream, Range.create("150-0", "150-0")).size());
        assertThat(oldestPending).isEqualTo(1);
    }

    @Test
    void aStreamThatIsNotThereIsNoTrouble() {
        assertThat(trim(RedisKeys.bytes("missing"), false)).containsExactly(0L);
    }
}
