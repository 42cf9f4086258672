package dev.tally.consume;

import dev.tally.transport.QueuePosition;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How fast the backlog of one group in one topic shrinks or grows, from readings of its positions: between the newest and
 * the oldest of the last two minutes, so that members that acknowledge every few seconds do not make it jump. Thread-safe.
 *
 * <p>Only queues that both readings have are compared. A position that went back was moved by a person: what was read
 * before is forgotten. One that was moved forward counts as acknowledged, for two minutes.
 *
 * @since 0.1
 */
public final class LagEstimate {

    private static final Duration WINDOW = Duration.ofMinutes(2);

    /** Members tell the broker every 5 seconds what they have acknowledged; less says nothing. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    private record Reading(Instant at, Map<String, QueuePosition> queues) {}

    private final InstantSource clock;
    private final ArrayDeque<Reading> readings = new ArrayDeque<>();

    /** Creates an estimate without readings. */
    public LagEstimate(InstantSource clock) {
        this.clock = clock;
    }

    /**
     * Takes a reading of this moment.
     *
     * @param queues every queue of the topic
     */
    public synchronized ConsumerLag add(List<QueuePosition> queues) {
        Map<String, QueuePosition> byName = new HashMap<>();
        queues.forEach(queue -> byName.put(queue.queue(), queue));
        Reading now = new Reading(clock.instant(), byName);
        Reading last = readings.peekLast();
        if (last != null && (now.at().isBefore(last.at()) || wentBack(last, now))) {
            readings.clear();
        }
        while (readings.size() > 1 && readings.getFirst().at().isBefore(now.at().minus(WINDOW))) {
            readings.removeFirst();
        }
        ConsumerLag lag = new ConsumerLag(now.at(), queues, pace(readings.peekFirst(), now));
        // Asked for more often than that, the window would fill with readings that say the same.
        if (last == null || readings.isEmpty() || !now.at().isBefore(last.at().plusSeconds(1))) {
            readings.add(now);
        }
        return lag;
    }

    private static boolean wentBack(Reading before, Reading now) {
        return now.queues().values().stream().anyMatch(queue -> {
            QueuePosition earlier = before.queues().get(queue.queue());
            return earlier != null && queue.acknowledged() < earlier.acknowledged();
        });
    }

    private static ConsumerLag.@Nullable Pace pace(@Nullable Reading before, Reading now) {
        if (before == null || now.at().isBefore(before.at().plus(SHORTEST))) {
            return null;
        }
        double seconds = Duration.between(before.at(), now.at()).toMillis() / 1000.0;
        long acknowledged = 0;
        long arrived = 0;
        for (QueuePosition queue : now.queues().values()) {
            QueuePosition earlier = before.queues().get(queue.queue());
            if (earlier != null) {
                acknowledged += queue.acknowledged() - earlier.acknowledged();
                arrived += queue.end() - earlier.end();
            }
        }
        return new ConsumerLag.Pace(acknowledged / seconds, arrived / seconds);
    }
}
