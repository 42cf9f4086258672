package dev.tally.boot;

import dev.tally.consume.ConsumerLag;
import dev.tally.consume.LagEstimate;
import dev.tally.consume.RunningConsumer;
import dev.tally.message.TallyException;
import dev.tally.transport.Subscription;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits at the broker for the consumers of this process, read now and then by a thread of its own: who asks for a recent one never waits for a broker. It is read as long as somebody asks, and until
 * {@value #ASKED_SECONDS} seconds later; always where a group has a limit. Thread-safe.
 *
 * @since 0.1
 */
public final class RecentConsumerLags implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(RecentConsumerLags.class);

    private static final int ASKED_SECONDS = 300;

    private record Key(String topic, String group) {

        static Key of(Subscription subscription) {
            return new Key(subscription.topic(), subscription.group());
        }
    }

    private final Supplier<List<RunningConsumer>> consumers;
    private final Map<String, Long> limits;
    private final Duration interval;
    private final InstantSource clock;
    private final ScheduledExecutorService timer = StarterThreads.scheduler("tally-consumer-lag", 1);
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Map<Key, LagEstimate> estimates = new ConcurrentHashMap<>();
    private final Map<Key, ConsumerLag> known = new ConcurrentHashMap<>();
    private volatile @Nullable Instant askedAt;

    /**
     * Creates it; nothing is read before somebody asks.
     *
     * @param consumers those that are subscribed at the moment
     * @param limits by group, how many messages may wait; groups without a limit are absent
     * @param interval how long after a reading comes the next
     */
    RecentConsumerLags(
            Supplier<List<RunningConsumer>> consumers,
            Map<String, Long> limits,
            Duration interval,
            InstantSource clock) {
        this.consumers = consumers;
        this.limits = Map.copyOf(limits);
        this.interval = interval;
        this.clock = clock;
    }

    /** How many messages of a topic may wait for a group; empty for no limit. */
    public OptionalLong limit(String group) {
        Long limit = limits.get(group);
        return limit == null ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    /**
     * As it was some seconds ago, without the age of the oldest message.
     *
     * @return empty as long as it was not read, or when it could not be read the last time
     */
    public Optional<ConsumerLag> recent(String topic, String group) {
        askedAt = clock.instant();
        if (begun.compareAndSet(false, true)) {
            try {
                var unused =
                        timer.scheduleWithFixedDelay(this::readIfWanted, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                log.debug("not reading lags any more, the application stops", e);
            }
        }
        return Optional.ofNullable(known.get(new Key(topic, group)));
    }

    /**
     * As it is now, with the age of the oldest message; asks the broker in this thread.
     *
     * @return empty where its transport does not tell
     * @throws dev.tally.transport.TransportException if the broker cannot be asked
     */
    public Optional<ConsumerLag> now(RunningConsumer consumer) {
        return read(consumer, true);
    }

    private Optional<ConsumerLag> read(RunningConsumer consumer, boolean withTimes) {
        return consumer.positions().map(positions -> estimates
                .computeIfAbsent(Key.of(consumer.subscription()), key -> new LagEstimate(clock))
                .add(positions.read(withTimes)));
    }

    private void readIfWanted() {
        Instant asked = askedAt;
        boolean wanted = !limits.isEmpty()
                || (asked != null && clock.instant().isBefore(asked.plus(Duration.ofSeconds(ASKED_SECONDS))));
        if (!wanted) {
            known.clear();
            return;
        }
        for (RunningConsumer consumer : consumers.get()) {
            Key key = Key.of(consumer.subscription());
            try {
                read(consumer, false).ifPresent(lag -> known.put(key, lag));
            } catch (TallyException e) {
                known.remove(key);
                log.debug("cannot read what waits topic={} group={}", key.topic(), key.group(), e);
            } catch (RuntimeException e) {
                known.remove(key);
                log.warn("cannot read what waits topic={} group={}", key.topic(), key.group(), e);
            }
        }
    }

    /** Reads no more. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
