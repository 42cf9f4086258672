package dev.tally.transport.redis;

import dev.tally.transport.Subscription;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one subscription: looks after its share of the topic, reads, and hands over. It outlives every failure of
 * the server; handlers run elsewhere.
 */
final class ConsumptionLoop implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(ConsumptionLoop.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Subscription subscription;
    private final Line line;
    private final News news;
    private final Answers answers;
    private final Duration tick;
    private final LongSupplier nanoTime;
    private final Semaphore signal = new Semaphore(0);
    private volatile boolean ending;
    private volatile @Nullable Share share;
    private long tickedAt;
    private @Nullable String trouble;

    /**
     * Creates it.
     *
     * @param tick how often the share is looked after
     */
    ConsumptionLoop(
            Subscription subscription, Line line, News news, Answers answers, Duration tick, LongSupplier nanoTime) {
        this.subscription = subscription;
        this.line = line;
        this.news = news;
        this.answers = answers;
        this.tick = tick;
        this.nanoTime = nanoTime;
        this.tickedAt = nanoTime.getAsLong() - tick.toNanos();
    }

    /** There may be something to do. Any thread. */
    void wake() {
        if (signal.availablePermits() == 0) {
            signal.release();
        }
    }

    /** Gives everything back, and ends. Any thread. */
    void end() {
        ending = true;
        wake();
    }

    /** To be called once, before it runs. */
    void begin(Share its) {
        share = its;
    }

    @Override
    public void run() {
        Share its = share;
        if (its == null) {
            throw new IllegalStateException("The loop has not begun");
        }
        while (!ending) {
            cycle(its);
        }
        try {
            its.leave(answers.of(line.session()));
        } catch (RuntimeException e) {
            LOG.info(
                    "Left without a word, leases run out by themselves topic={} group={}: {}",
                    subscription.topic(),
                    subscription.group(),
                    Failures.reason(e));
        } finally {
            news.close();
            line.close();
        }
    }

    private void cycle(Share its) {
        Session session = null;
        try {
            its.look();
            session = answers.of(line.session());
            long now = nanoTime.getAsLong();
            if (now - tickedAt >= tick.toNanos()) {
                its.tick(session);
                its.sources().forEach(PartitionSource::mayHaveMore);
                tickedAt = now;
            }
            its.settle(session);
            news.tell(its.sources());
            boolean read = readAll(its, session);
            wentWell();
            if (!read) {
                news.watch(its.sources());
                pause(Duration.ofNanos(Math.max(0, tickedAt + tick.toNanos() - nanoTime.getAsLong())));
            }
        } catch (RuntimeException e) {
            if (session != null) {
                line.suspect(session, e);
            }
            wentWrong(e);
            pause(PAUSE);
        }
    }

    /** Answers whether anything was read. */
    private boolean readAll(Share its, Session session) {
        Map<PartitionSource, CompletableFuture<Runnable>> asked = new LinkedHashMap<>();
        its.sources().forEach(source -> {
            if (source.wantsMore()) {
                asked.put(source, source.read(session));
            }
        });
        RuntimeException failed = null;
        for (Map.Entry<PartitionSource, CompletableFuture<Runnable>> each : asked.entrySet()) {
            try {
                answers.of(each.getValue()).run();
            } catch (RuntimeException e) {
                each.getKey().readFailed(e);
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
        return !asked.isEmpty();
    }

    private void pause(Duration longest) {
        try {
            if (signal.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                signal.drainPermits();
            }
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, ends topic={} group={}", subscription.topic(), subscription.group(), e);
            ending = true;
        }
    }

    private void wentWrong(RuntimeException e) {
        String reason = Failures.reason(e);
        if (!reason.equals(trouble)) {
            trouble = reason;
            LOG.warn(
                    "Cannot read from Redis, trying again every {} ms topic={} group={}: {}",
                    PAUSE.toMillis(),
                    subscription.topic(),
                    subscription.group(),
                    reason);
            LOG.debug("The reason", e);
        }
    }

    private void wentWell() {
        if (trouble != null) {
            trouble = null;
            LOG.info("Reading from Redis again topic={} group={}", subscription.topic(), subscription.group());
        }
    }
}
