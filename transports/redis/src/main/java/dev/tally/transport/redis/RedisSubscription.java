package dev.tally.transport.redis;

import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A subscription, until it is closed. Thread-safe. */
final class RedisSubscription implements ActiveSubscription {

    private static final Logger LOG = LoggerFactory.getLogger(RedisSubscription.class);

    private final KeyedDispatcher dispatcher;
    private final ConsumptionLoop loop;
    private final @Nullable SubscriptionPositions positions;
    private final Duration leaveLimit;
    private final Runnable left;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    /**
     * Creates it; it does not run yet.
     *
     * @param positions {@code null} for a broadcast, of which each member has its own
     * @param leaveLimit how long giving back may take when it is closed, after handlers have ended
     * @param left told when it is closed
     */
    RedisSubscription(
            KeyedDispatcher dispatcher,
            ConsumptionLoop loop,
            @Nullable SubscriptionPositions positions,
            Duration leaveLimit,
            Runnable left) {
        this.dispatcher = dispatcher;
        this.loop = loop;
        this.positions = positions;
        this.leaveLimit = leaveLimit;
        this.left = left;
    }

    /** Runs until it is closed. */
    void run() {
        try {
            loop.run();
        } finally {
            ended.complete(null);
        }
    }

    @Override
    public Optional<SubscriptionControl> control() {
        return Optional.of(dispatcher);
    }

    @Override
    public Optional<SubscriptionPositions> positions() {
        return Optional.ofNullable(positions);
    }

    /** Running handlers first, while leases go on being renewed; then what is left is given back. */
    @Override
    public void close() {
        dispatcher.close();
        loop.end();
        try {
            ended.get(leaveLimit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            LOG.warn("Subscription not given back within {}, its leases run out by themselves", leaveLimit);
        } catch (ExecutionException e) {
            LOG.error("Subscription ended with a failure", e);
        }
        left.run();
    }
}
