package dev.tally.transport.rabbitmq;

import com.rabbitmq.client.AlreadyClosedException;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.amqp.AmqpException;

/**
 * A subscription that has a channel whenever there is a broker: it opens another one when that is lost, and waits for a
 * broker that is down. What cannot succeed before a person has changed something is thrown at the first attempt, and later
 * on tried again slowly.
 */
final class GroupSubscription implements ActiveSubscription {

    /** Opens a channel of this subscription and begins to consume. */
    interface Opening {
        ConsumingChannel open(Consumer<String> whenGone) throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(GroupSubscription.class);

    private static final String EXISTS_OTHERWISE =
            "; the queue was declared otherwise, for instance for a group without order: empty and delete it, or use"
                    + " another group";

    private static final long PAUSE_MILLIS = 1_000;
    private static final long LONG_PAUSE_MILLIS = 15_000;

    private final Subscription subscription;
    private final KeyedDispatcher dispatcher;
    private final Opening opening;
    private final Executor workers;
    private final ScheduledExecutorService timer;
    private final Duration closeLimit;
    private final Consumer<GroupSubscription> whenClosed;
    private final AtomicBoolean attemptComes = new AtomicBoolean();
    private @Nullable ConsumingChannel current;
    private boolean closed;
    private boolean told;

    GroupSubscription(
            Subscription subscription,
            KeyedDispatcher dispatcher,
            Opening opening,
            Executor workers,
            ScheduledExecutorService timer,
            Duration closeLimit,
            Consumer<GroupSubscription> whenClosed) {
        this.subscription = subscription;
        this.dispatcher = dispatcher;
        this.opening = opening;
        this.workers = workers;
        this.timer = timer;
        this.closeLimit = closeLimit;
        this.whenClosed = whenClosed;
    }

    /**
     * Begins to consume, or to try to.
     *
     * @param patience how long to wait for the first attempt; it goes on without the caller
     * @throws TransportException if the broker does not allow it
     */
    void begin(Duration patience) {
        CompletableFuture<Void> first = CompletableFuture.runAsync(this::attempt, workers);
        try {
            first.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            LOG.warn("Not subscribed yet, the broker does not answer {}", names());
            var unused = first.whenComplete((done, thrown) -> {
                if (thrown != null) {
                    inBackground(thrown);
                }
            });
        } catch (ExecutionException e) {
            close();
            throw e.getCause() instanceof TransportException refused
                    ? refused
                    : new TransportException("Cannot subscribe " + names() + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException("Cannot subscribe " + names() + ": interrupted", e);
        }
    }

    private void attempt() {
        attemptComes.set(false);
        if (!isWanted()) {
            return;
        }
        try {
            ConsumingChannel opened = opening.open(this::lost);
            boolean kept;
            synchronized (this) {
                kept = !closed && current == null && !opened.isGone();
                if (kept) {
                    current = opened;
                    told = false;
                }
            }
            if (kept) {
                LOG.info("Subscribed {} queue={}", names(), QueueNames.of(subscription));
            } else {
                opened.close();
            }
        } catch (IOException | AmqpException | AlreadyClosedException e) {
            if (BrokerErrors.isSetUp(e)) {
                throw new TransportException(
                        "Cannot subscribe group '" + subscription.group() + "' to topic '" + subscription.topic()
                                + "': " + BrokerErrors.textOf(e)
                                + (BrokerErrors.codeOf(e) == BrokerErrors.PRECONDITION_FAILED ? EXISTS_OTHERWISE : ""),
                        e);
            }
            tellOnce(BrokerErrors.textOf(e));
            again(PAUSE_MILLIS);
        }
    }

    private synchronized void tellOnce(String reason) {
        if (!told && !closed) {
            told = true;
            LOG.warn("Not subscribed, trying again every {} ms {}: {}", PAUSE_MILLIS, names(), reason);
        }
    }

    private void lost(String reason) {
        ConsumingChannel lost;
        synchronized (this) {
            if (closed) {
                return;
            }
            lost = current;
            current = null;
        }
        LOG.warn("Subscription interrupted, its messages come again {}: {}", names(), reason);
        if (lost != null) {
            execute(lost::close);
        }
        again(PAUSE_MILLIS);
    }

    private void again(long pauseMillis) {
        if (!attemptComes.compareAndSet(false, true)) {
            return;
        }
        try {
            var unused = timer.schedule(
                    () -> execute(() -> {
                        try {
                            attempt();
                        } catch (RuntimeException e) {
                            inBackground(e);
                        }
                    }),
                    pauseMillis,
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not subscribing {}, the transport is closed", names(), e);
        }
    }

    private void execute(Runnable work) {
        try {
            workers.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.debug("The transport is closed {}", names(), e);
        }
    }

    private void inBackground(Throwable refused) {
        if (isWanted()) {
            LOG.error(
                    "Cannot subscribe, trying again every {} ms; its messages wait at the broker {}",
                    LONG_PAUSE_MILLIS,
                    names(),
                    refused);
            again(LONG_PAUSE_MILLIS);
        }
    }

    private synchronized boolean isWanted() {
        return !closed && current == null;
    }

    Subscription subscription() {
        return subscription;
    }

    private String names() {
        return "topic=" + subscription.topic() + " group=" + subscription.group();
    }

    /** Also as long as the broker is waited for. */
    @Override
    public Optional<SubscriptionControl> control() {
        return Optional.of(dispatcher);
    }

    /** First what runs ends and is acknowledged, then the rest is given back. */
    @Override
    public void close() {
        ConsumingChannel open;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            open = current;
            current = null;
        }
        dispatcher.close();
        if (open != null) {
            BoundedWork.within(closeLimit, "tally-rabbitmq-close", open::close);
        }
        whenClosed.accept(this);
    }
}
