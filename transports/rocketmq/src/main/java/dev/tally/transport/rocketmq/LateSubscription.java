package dev.tally.transport.rocketmq;

import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription that waits for its broker: a service that starts while the broker is down must run, and consume when the
 * broker is back. What cannot succeed later (a refused group, other settings than the group's) is thrown at once.
 */
final class LateSubscription implements ActiveSubscription {

    private static final Logger LOG = LoggerFactory.getLogger(LateSubscription.class);
    private static final long PAUSE_MILLIS = 1_000;

    private final Subscription subscription;
    private final SubscriptionControl control;
    private final SubscriptionPositions positions;
    private final Runnable join;
    private final Runnable leave;
    private final ScheduledExecutorService timer;
    private boolean joined;
    private boolean closed;
    private boolean told;

    /**
     * Creates it; nothing happens before {@link #attempt}.
     *
     * @param join subscribes, or throws
     * @param leave undoes a successful {@code join}
     */
    LateSubscription(
            TopicConsumption consumed,
            SubscriptionPositions positions,
            Runnable join,
            Runnable leave,
            ScheduledExecutorService timer) {
        this.subscription = consumed.subscription();
        this.control = consumed.dispatcher();
        this.positions = positions;
        this.join = join;
        this.leave = leave;
        this.timer = timer;
    }

    synchronized void attempt() {
        if (closed || joined) {
            return;
        }
        try {
            join.run();
            joined = true;
        } catch (BrokerUnreachableException e) {
            if (!told) {
                told = true;
                LOG.warn(
                        "Not subscribed yet topic={} group={}: {} Trying again every {} ms",
                        subscription.topic(),
                        subscription.group(),
                        e.getMessage(),
                        PAUSE_MILLIS);
            }
            tryLater();
        }
    }

    private void tryLater() {
        try {
            var unused = timer.schedule(this::attemptInBackground, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not subscribing topic={}, the transport is closed", subscription.topic(), e);
        }
    }

    private void attemptInBackground() {
        try {
            attempt();
        } catch (RuntimeException e) {
            LOG.error(
                    "Cannot subscribe, and will not try again; its messages wait at the broker topic={} group={}",
                    subscription.topic(),
                    subscription.group(),
                    e);
        }
    }

    /** Also as long as the broker is waited for. */
    @Override
    public Optional<SubscriptionControl> control() {
        return Optional.of(control);
    }

    /** Of a broadcast each member has its own positions, of which the broker knows nothing. */
    @Override
    public Optional<SubscriptionPositions> positions() {
        return subscription.broadcast() ? Optional.empty() : Optional.of(positions);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (joined) {
            joined = false;
            leave.run();
        }
    }
}
