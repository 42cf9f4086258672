package dev.tally.transport.jms;

import dev.tally.consume.dispatch.DispatchEdges;
import dev.tally.consume.dispatch.DispatchSettings;
import dev.tally.consume.dispatch.KeyedDispatcher;
import dev.tally.transport.ActiveSubscription;
import dev.tally.transport.BatchHandler;
import dev.tally.transport.Subscription;
import dev.tally.transport.SubscriptionControl;
import dev.tally.transport.TransportException;
import dev.tally.transport.client.TransportThreads;
import dev.tally.transport.wire.TagExpression;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A subscription, with a thread that owns its connections one after the other: it connects, receives until the connection
 * breaks, and connects again. Thread-safe.
 */
final class Consumption implements ActiveSubscription {

    private static final Logger LOG = LoggerFactory.getLogger(Consumption.class);

    private static final long FIRST_PAUSE_MILLIS = 200;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final long DEAD_LETTER_AGAIN_MILLIS = 1_000;
    private static final long END_MILLIS = 5_000;

    /** What subscriptions of a transport share. */
    record Shared(
            JmsSettings settings,
            Dialect dialect,
            MessageTranslation translation,
            DeadLetters deadLetters,
            ExecutorService workers,
            ScheduledExecutorService timer,
            DispatchEdges edges) {}

    private enum Stage {
        RECEIVING,
        /** Nothing more is received; what handlers end is acknowledged. */
        DRAINING,
        FINISHED
    }

    private final Shared shared;
    private final Subscription subscription;
    private final TagExpression tags;
    private final BegunDeliveries begun;
    private final KeyedDispatcher dispatcher;
    private final Runnable ended;
    private final Thread thread;
    private final CompletableFuture<@Nullable Void> joined = new CompletableFuture<>();
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile Stage stage = Stage.RECEIVING;

    /**
     * Creates it; nothing happens before {@link #start}.
     *
     * @param ended told once when it is closed
     */
    Consumption(Shared shared, Subscription subscription, BatchHandler handler, Runnable ended) {
        this.shared = shared;
        this.subscription = subscription;
        this.tags = TagExpression.of(subscription.tags());
        this.begun = new BegunDeliveries(handler);
        this.ended = ended;
        // Neither broker takes back one message and lets those of other keys pass.
        DispatchSettings limits = DispatchSettings.of(
                        subscription,
                        shared.settings().retryDelay(),
                        shared.settings().window(),
                        shared.settings().closeTimeout())
                .retryingHere();
        this.dispatcher = new KeyedDispatcher(limits, begun, shared.workers(), shared.timer(), shared.edges());
        this.thread = TransportThreads.daemon("tally-jms-" + subscription.group(), this::run);
    }

    /**
     * Begins, and waits for the first connection, no longer than for a send: messages that are sent before the group is
     * there do not reach it.
     *
     * @throws TransportException if the broker has the group in a way that cannot work
     */
    void start() {
        thread.start();
        try {
            joined.get(shared.settings().sendTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn(
                    "Not subscribed yet topic={} group={}: no connection within {}; still trying",
                    subscription.topic(),
                    subscription.group(),
                    shared.settings().sendTimeout());
        } catch (ExecutionException e) {
            close();
            throw e.getCause() instanceof TransportException refused
                    ? refused
                    : new TransportException("Cannot subscribe: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long pause = FIRST_PAUSE_MILLIS;
        boolean told = false;
        while (!isFinished()) {
            Reception reception = null;
            boolean inOrder = false;
            try {
                reception = Reception.open(this);
                if (told) {
                    LOG.info("Subscribed again topic={} group={}", subscription.topic(), subscription.group());
                }
                joined.complete(null);
                pause = FIRST_PAUSE_MILLIS;
                told = false;
                reception.receive();
                inOrder = true;
            } catch (TransportException e) {
                if (!joined.completeExceptionally(e)) {
                    LOG.error("{}; trying again every {} ms", e.getMessage(), LONGEST_PAUSE_MILLIS);
                }
                pause = LONGEST_PAUSE_MILLIS;
            } catch (JMSException | JMSRuntimeException e) {
                told = tell(told, e);
                joined.complete(null);
            } catch (RuntimeException | Error e) {
                // Whatever a client throws, this thread goes on.
                LOG.error("Receiving failed topic={} group={}", subscription.topic(), subscription.group(), e);
                joined.complete(null);
            } finally {
                if (reception != null) {
                    reception.close(inOrder);
                }
            }
            if (!inOrder) {
                rest(pause);
                pause = Math.min(LONGEST_PAUSE_MILLIS, pause * 2);
            }
        }
    }

    private boolean tell(boolean told, Exception e) {
        if (told) {
            LOG.debug("still not connected topic={} group={}", subscription.topic(), subscription.group(), e);
        } else {
            LOG.warn(
                    "Not connected topic={} group={}: {}; what was not acknowledged comes again, connecting again until"
                            + " it works",
                    subscription.topic(),
                    subscription.group(),
                    BatchSender.reason(e));
        }
        return true;
    }

    private void rest(long millis) {
        try {
            var unused = finished.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stage = Stage.FINISHED;
        }
    }

    /**
     * Keeps a delivery among the dead letters, as often as it takes.
     *
     * @param kept told when the broker has it there
     */
    void deadLetter(JmsDelivery delivery, int attempt, String reason, Runnable kept) {
        if (subscription.broadcast()) {
            // Each member would add it.
            LOG.error(
                    "Broadcast message given up messageId={} topic={} group={} attempt={} reason={}",
                    delivery.received().message().id(),
                    subscription.topic(),
                    subscription.group(),
                    attempt,
                    reason);
            kept.run();
            return;
        }
        var unused = shared.deadLetters()
                .add(delivery.wire(), delivery.received().message(), subscription, attempt, reason)
                .thenAccept(confirmed -> {
                    if (confirmed) {
                        kept.run();
                    } else if (!isFinished()) {
                        later(() -> deadLetter(delivery, attempt, reason, kept));
                    }
                });
    }

    private void later(Runnable work) {
        try {
            var unused = shared.timer().schedule(work, DEAD_LETTER_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("Not dead-lettered, the transport is closed: it comes again", e);
        }
    }

    JmsSettings settings() {
        return shared.settings();
    }

    Dialect dialect() {
        return shared.dialect();
    }

    MessageTranslation translation() {
        return shared.translation();
    }

    Subscription subscription() {
        return subscription;
    }

    TagExpression tags() {
        return tags;
    }

    BegunDeliveries begun() {
        return begun;
    }

    KeyedDispatcher dispatcher() {
        return dispatcher;
    }

    long nanoTime() {
        return shared.edges().nanoTime().getAsLong();
    }

    boolean isReceiving() {
        return stage == Stage.RECEIVING;
    }

    boolean isFinished() {
        return stage == Stage.FINISHED;
    }

    @Override
    public Optional<SubscriptionControl> control() {
        return Optional.of(dispatcher);
    }

    @Override
    public void close() {
        synchronized (this) {
            if (stage != Stage.RECEIVING) {
                return;
            }
            stage = Stage.DRAINING;
        }
        dispatcher.close();
        stage = Stage.FINISHED;
        finished.countDown();
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn(
                    "The connection of a subscription is still busy, it ends by itself topic={} group={}",
                    subscription.topic(),
                    subscription.group());
        }
        ended.run();
    }
}
