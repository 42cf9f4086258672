package dev.tally.transport.redis;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many partitions topics have. Redis keeps the number in a hash for each topic, where whoever uses a topic first
 * writes it, so that all services agree. Thread-safe.
 */
final class Topics {

    private static final byte[] PARTITIONS = RedisKeys.bytes("partitions");
    private static final long KNOWN_NANOS = Duration.ofSeconds(30).toNanos();

    /** What a connection answered, and when. */
    private record Known(Session session, long since, int partitions) {}

    private final RedisKeys keys;
    private final int partitionsOfNew;
    private final LongSupplier nanoTime;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /**
     * Creates it.
     *
     * @param partitionsOfNew how many partitions topics get that have none yet
     */
    Topics(RedisKeys keys, int partitionsOfNew, LongSupplier nanoTime) {
        this.keys = keys;
        this.partitionsOfNew = partitionsOfNew;
        this.nanoTime = nanoTime;
    }

    /** The number, which may be some seconds old; after a connection was lost it is asked for anew. */
    CompletableFuture<Integer> partitions(Session session, String topic) {
        Known answer = known.get(topic);
        if (answer != null && answer.session().equals(session) && nanoTime.getAsLong() - answer.since() < KNOWN_NANOS) {
            return CompletableFuture.completedFuture(answer.partitions());
        }
        return ask(session, topic);
    }

    /** The number as it is now. */
    CompletableFuture<Integer> ask(Session session, String topic) {
        byte[] key = keys.topic(topic);
        long now = nanoTime.getAsLong();
        var unused = session.commands().hsetnx(key, PARTITIONS, RedisKeys.bytes(Integer.toString(partitionsOfNew)));
        return session.commands().hget(key, PARTITIONS).toCompletableFuture().thenApply(value -> {
            int partitions = parse(topic, key, value);
            known.put(topic, new Known(session, now, partitions));
            return partitions;
        });
    }

    private static int parse(String topic, byte[] key, byte @Nullable [] value) {
        String text = value == null ? "" : RedisKeys.text(value);
        try {
            int partitions = Integer.parseInt(text);
            if (partitions > 0) {
                return partitions;
            }
        } catch (NumberFormatException e) {
            throw new TransportException(wrong(topic, key, text), e);
        }
        throw new TransportException(wrong(topic, key, text));
    }

    private static String wrong(String topic, byte[] key, String text) {
        return "Cannot use topic '" + topic + "': its key '" + RedisKeys.text(key) + "' has partitions='" + text
                + "', a number above 0 is possible";
    }
}
