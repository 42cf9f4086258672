package dev.tally.transport.client;

import dev.tally.transport.SendOutcome;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Gives each send an outcome in time, whatever the client does. Thread-safe.
 *
 * <p>One time-out for all of them, so one look at all of them together, {@value #LONGEST_LOOK_MILLIS} ms apart at most,
 * takes the place of a timer for each, which costs as much as some clients take for a message. Looks are counted instead
 * of time, and there are none while nothing is watched.
 *
 * @since 0.1
 */
public final class SendTimeouts {

    private static final int LOOKS = 20;
    private static final long LONGEST_LOOK_MILLIS = 50;

    private final Duration timeout;
    private final int looks;
    private final Executor afterAWhile;
    private final Queue<Watched> watched = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile int look;

    private record Watched(CompletableFuture<SendOutcome> outcome, Supplier<SendOutcome> late, int lastLook) {}

    /**
     * Creates it; nothing happens before the first {@link #watch}.
     *
     * @param timeout within which each outcome is there, up to a twentieth of it later
     */
    public SendTimeouts(Duration timeout) {
        long millis = Math.max(1, timeout.toMillis());
        long pause = Math.max(1, Math.min(LONGEST_LOOK_MILLIS, millis / LOOKS));
        this.timeout = timeout;
        // The first look may come at once.
        this.looks = Math.toIntExact((millis + pause - 1) / pause) + 1;
        this.afterAWhile = CompletableFuture.delayedExecutor(pause, TimeUnit.MILLISECONDS, Runnable::run);
    }

    /** How long a send may take. */
    public Duration timeout() {
        return timeout;
    }

    /**
     * Completes an outcome where nobody else does within the time-out.
     *
     * @param what begins the reason of the failure, for instance which message cannot be sent where
     * @return the same outcome
     */
    public CompletableFuture<SendOutcome> watch(CompletableFuture<SendOutcome> outcome, String what) {
        return watch(
                outcome,
                () -> new SendOutcome.Failed(
                        true, what + ": no confirmation within " + timeout + "; the broker may have it or not", null));
    }

    /** The same with another failure. */
    public CompletableFuture<SendOutcome> watch(CompletableFuture<SendOutcome> outcome, Supplier<SendOutcome> late) {
        watched.add(new Watched(outcome, late, look + looks));
        if (!looking.get() && looking.compareAndSet(false, true)) {
            afterAWhile.execute(this::look);
        }
        return outcome;
    }

    private void look() {
        int now = look + 1;
        look = now;
        try {
            watched.removeIf(each -> isOver(each, now));
        } finally {
            lookAgain();
        }
    }

    private void lookAgain() {
        boolean more = !watched.isEmpty();
        if (!more) {
            looking.set(false);
            more = !watched.isEmpty() && looking.compareAndSet(false, true);
        }
        if (more) {
            afterAWhile.execute(this::look);
        }
    }

    private static boolean isOver(Watched each, int now) {
        if (!each.outcome().isDone() && now - each.lastLook() >= 0) {
            var unused = each.outcome().complete(each.late().get());
        }
        return each.outcome().isDone();
    }
}
