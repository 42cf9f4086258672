package dev.tally.transport.pulsar;

import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.SubscriptionPositions;
import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.Consumer;
import org.apache.pulsar.client.api.PulsarClientException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription that waits for its broker, or for its topic where the broker creates none: a service that starts while the
 * broker is down must run, and consume when the broker is back. What cannot succeed later is thrown at once where the
 * broker answers at once, else it is logged. Thread-safe.
 */
final class LateSubscription implements ActiveSubscription {

    private static final Logger LOG = LoggerFactory.getLogger(LateSubscription.class);

    private static final long PAUSE_MILLIS = 1_000;
    private static final long FIRST_ANSWER_MILLIS = 2_000;

    private final Subscription subscription;
    private final KeyedDispatcher dispatcher;
    private final Supplier<CompletableFuture<Consumer<byte[]>>> subscribe;
    private final BiFunction<Consumer<byte[]>, Runnable, Reception> receive;
    private final Runnable leave;
    private final Optional<SubscriptionPositions> positions;
    private final Duration closeTimeout;
    private final ScheduledExecutorService timer;
    private @Nullable Reception reception;
    private boolean closed;
    private boolean told;

    /**
     * Creates it; nothing happens before {@link #begin}.
     *
     * @param subscribe asks the client for a consumer
     * @param receive begins to receive, and is told what to call if the consumer ends by itself
     * @param leave called once when it is closed
     * @param positions of the group, where they are known
     */
    LateSubscription(
            Subscription subscription,
            KeyedDispatcher dispatcher,
            Supplier<CompletableFuture<Consumer<byte[]>>> subscribe,
            BiFunction<Consumer<byte[]>, Runnable, Reception> receive,
            Runnable leave,
            Optional<SubscriptionPositions> positions,
            Duration closeTimeout,
            ScheduledExecutorService timer) {
        this.subscription = subscription;
        this.dispatcher = dispatcher;
        this.subscribe = subscribe;
        this.receive = receive;
        this.leave = leave;
        this.positions = positions;
        this.closeTimeout = closeTimeout;
        this.timer = timer;
    }

    /**
     * Subscribes, now or later.
     *
     * @throws TransportException if the broker answers soon that it will never be possible
     */
    void begin() {
        CompletableFuture<Void> first = attempt();
        try {
            first.get(FIRST_ANSWER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            tellOnce("the broker does not answer yet");
            logIfFinal(first);
        } catch (ExecutionException e) {
            close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TransportException(SendFailures.reason(cause), cause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
            throw new TransportException(what() + ": interrupted while waiting for the broker's answer", e);
        }
    }

    private String what() {
        return "Cannot subscribe group '" + subscription.group() + "' to Pulsar topic '" + subscription.topic() + "'";
    }

    /** Fails only where there is no point in trying again. */
    private CompletableFuture<Void> attempt() {
        CompletableFuture<Consumer<byte[]>> subscribing;
        try {
            subscribing = subscribe.get();
        } catch (RuntimeException e) {
            subscribing = CompletableFuture.failedFuture(e);
        }
        return subscribing.handle((consumer, failure) -> {
            if (consumer != null) {
                joined(consumer);
                return null;
            }
            Throwable cause = SendFailures.unwrapped(failure);
            if (isFinal(cause)) {
                throw new TransportException(what() + ": " + SendFailures.reason(cause), cause);
            }
            tryLater(cause);
            return null;
        });
    }

    private static boolean isFinal(Throwable cause) {
        return SendFailures.isFinal(cause) || cause instanceof PulsarClientException.InvalidConfigurationException;
    }

    private void joined(Consumer<byte[]> consumer) {
        synchronized (this) {
            if (!closed) {
                reception = receive.apply(consumer, this::lost);
                if (told) {
                    told = false;
                    LOG.info("Subscribed topic={} group={}", subscription.topic(), subscription.group());
                }
                return;
            }
        }
        var unused = consumer.closeAsync();
    }

    private synchronized void tellOnce(String reason) {
        if (!told) {
            told = true;
            LOG.warn(
                    "Not subscribed yet, trying again until it is possible topic={} group={}: {}",
                    subscription.topic(),
                    subscription.group(),
                    reason);
        }
    }

    private synchronized void tryLater(Throwable cause) {
        if (closed) {
            return;
        }
        tellOnce(SendFailures.reason(cause));
        attemptLater();
    }

    private void attemptLater() {
        try {
            var unused = timer.schedule(this::attemptInBackground, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not subscribing topic={}, the transport is closed", subscription.topic(), e);
        }
    }

    private void attemptInBackground() {
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        logIfFinal(attempt());
    }

    private void logIfFinal(CompletableFuture<Void> attempt) {
        var unused = attempt.exceptionally(failure -> {
            LOG.error(
                    "Cannot subscribe, and will not try again; its messages wait at the broker topic={} group={}",
                    subscription.topic(),
                    subscription.group(),
                    failure);
            return null;
        });
    }

    /** Its consumer has ended by itself. */
    synchronized void lost() {
        if (closed) {
            return;
        }
        reception = null;
        attemptLater();
    }

    /** Also as long as the broker is waited for. */
    @Override
    public Optional<SubscriptionControl> control() {
        return Optional.of(dispatcher);
    }

    /** Where the transport knows the brokers' administration, and not of a broadcast. */
    @Override
    public Optional<SubscriptionPositions> positions() {
        return positions;
    }

    @Override
    public void close() {
        Reception left;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            left = reception;
        }
        dispatcher.close();
        leave.run();
        if (left != null) {
            Waiting.within(closeTimeout, left.close(), "the consumer of topic " + subscription.topic());
        }
    }
}
