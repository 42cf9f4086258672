package dev.tally.transport.redis;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what is older than the retention from streams, now and then, as far as all groups have acknowledged it. Streams
 * of dead letters that no group has read keep everything. Thread-safe.
 */
final class Trimming {

    private static final Logger LOG = LoggerFactory.getLogger(Trimming.class);
    private static final long PERIOD_NANOS = Duration.ofMinutes(1).toNanos();

    private final Duration retention;
    private final LongSupplier nanoTime;
    private final Map<String, AtomicLong> trimmedAt = new ConcurrentHashMap<>();
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    Trimming(Duration retention, LongSupplier nanoTime) {
        this.retention = retention;
        this.nanoTime = nanoTime;
    }

    /** Trims a stream that was not trimmed within the last minute. */
    void trimIfDue(Session session, String topic, byte[] stream) {
        long now = nanoTime.getAsLong();
        String name = RedisKeys.text(stream);
        AtomicLong last = trimmedAt.computeIfAbsent(name, key -> new AtomicLong(now - PERIOD_NANOS));
        long before = last.get();
        if (now - before >= PERIOD_NANOS && last.compareAndSet(before, now)) {
            trim(session, topic, stream);
        }
    }

    private void trim(Session session, String topic, byte[] stream) {
        String name = RedisKeys.text(stream);
        var unused = Scripts.trim(session, stream, retention.toMillis(), RedisKeys.isDeadLetters(topic))
                .whenComplete((answer, thrown) -> {
                    if (thrown != null) {
                        LOG.debug("Stream not trimmed stream={}", name, thrown);
                    } else {
                        trimmed(name, answer);
                    }
                });
    }

    private void trimmed(String name, List<Object> answer) {
        LOG.debug("Stream trimmed stream={} removed={}", name, answer.get(0));
        if (answer.size() > 1 && answer.get(1) instanceof byte[] holding) {
            String group = RedisKeys.text(holding);
            if (told.add(name + ' ' + group)) {
                LOG.warn(
                        "Stream keeps more than its retention, because a group has not acknowledged it stream={} group={} "
                                + "retention={}. If nobody consumes as this group any more: XGROUP DESTROY",
                        name,
                        group,
                        retention);
            }
        }
    }
}
