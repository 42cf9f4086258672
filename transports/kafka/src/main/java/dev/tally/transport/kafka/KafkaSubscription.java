package dev.tally.transport.kafka;

import dev.tally.retry.Backoff;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.TransportException;
import dev.tally.transport.client.TransportThreads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription, on a thread of its own. It waits for its topic and its brokers, so that a service starts while they are
 * down; a consumer that fails is replaced by another one. Thread-safe.
 */
final class KafkaSubscription implements ActiveSubscription {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaSubscription.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** What closing takes at most when handlers have ended: giving away, acknowledging and leaving have a limit each. */
    private static final Duration LEAVING = PollLoop.LEAVE_LIMIT.multipliedBy(4);

    private final Consumption consumption;
    private final Topics topics;
    private final Supplier<PollLoop> loops;
    private final @Nullable SubscriptionPositions positions;
    private final Runnable whenClosed;
    private final RandomGenerator random;
    private final Backoff pauses = new Backoff(PAUSE, Duration.ofSeconds(30), 2, 0.2);
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    /**
     * Creates it; {@link #begin} starts it.
     *
     * @param loops makes a consumer
     * @param positions {@code null} for none
     * @param whenClosed called once, when it is closed
     */
    KafkaSubscription(
            Consumption consumption,
            Topics topics,
            Supplier<PollLoop> loops,
            @Nullable SubscriptionPositions positions,
            Runnable whenClosed,
            RandomGenerator random) {
        this.consumption = consumption;
        this.topics = topics;
        this.loops = loops;
        this.positions = positions;
        this.whenClosed = whenClosed;
        this.random = random;
        Subscription subscription = consumption.subscription();
        this.thread =
                TransportThreads.daemon("tally-kafka-" + subscription.group() + "-" + subscription.topic(), this::run);
    }

    void begin() {
        thread.start();
    }

    private void run() {
        int failures = 0;
        boolean told = false;
        while (!isStopping()) {
            try {
                if (topics.isReady(consumption.subscription().topic())) {
                    failures = 0;
                    told = false;
                    consume();
                } else {
                    told = tell(told, "its topic is missing, and is not created");
                    rest(PAUSE);
                }
            } catch (TransportException e) {
                told = tell(told, e.getMessage());
                rest(PAUSE);
            } catch (RuntimeException | Error e) {
                failures++;
                Duration pause = pauses.delay(failures, random);
                LOG.error(
                        "A consumer failed, another one takes its place in {}; what is not acknowledged comes again"
                                + " topic={} group={}",
                        pause,
                        consumption.subscription().topic(),
                        consumption.subscription().group(),
                        e);
                rest(pause);
            }
        }
    }

    private void consume() {
        Subscription subscription = consumption.subscription();
        PollLoop loop = loops.get();
        LOG.info(
                "Subscribed topic={} group={} tags={} ordered={} concurrency={} maxAttempts={} broadcast={}",
                subscription.topic(),
                subscription.group(),
                subscription.tags(),
                subscription.ordered(),
                subscription.concurrency(),
                subscription.maxAttempts(),
                subscription.broadcast());
        loop.run(this::isStopping);
    }

    private boolean tell(boolean told, @Nullable String reason) {
        if (!told) {
            LOG.warn(
                    "Not subscribed yet topic={} group={}: {}. Trying again every {}",
                    consumption.subscription().topic(),
                    consumption.subscription().group(),
                    reason,
                    PAUSE);
        }
        return true;
    }

    private boolean isStopping() {
        return stopping.getCount() == 0;
    }

    private void rest(Duration pause) {
        try {
            var unused = stopping.await(pause.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            LOG.warn(
                    "Interrupted topic={}, going on", consumption.subscription().topic(), e);
        }
    }

    /** Also as long as the topic is waited for. */
    @Override
    public Optional<SubscriptionControl> control() {
        return Optional.of(consumption.dispatcher());
    }

    /** Of a broadcast each member has its own positions, of which the broker knows nothing. */
    @Override
    public Optional<SubscriptionPositions> positions() {
        return Optional.ofNullable(positions);
    }

    /** Meanwhile the consumer goes on to acknowledge what handlers finish. */
    @Override
    public void close() {
        consumption.dispatcher().close();
        stopping.countDown();
        try {
            thread.join(LEAVING.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!closed.getAndSet(true)) {
            whenClosed.run();
        }
    }
}
