package dev.tally.transport.pulsar;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.pulsar.client.api.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a member learns that its group was moved: a move takes the connections of all its consumers, so one that has lost its
 * own looks at the group's {@link MoveMark} before it hands over anything more. Where the mark cannot be read for some
 * seconds the member goes on, and looks again later: messages matter more than moves. Thread-safe.
 */
final class MoveWatch implements Reception.Moves {

    private static final Logger LOG = LoggerFactory.getLogger(MoveWatch.class);

    private static final long AGAIN_MILLIS = 100;
    private static final long ANSWER_SECONDS = 5;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long NEVER_LOOKED = -1;

    private final Supplier<CompletableFuture<MoveMark>> marks;
    private final Duration longestMove;
    private final LongSupplier nanoTime;
    private final String subject;
    private @Nullable MoveMark known;
    private long lookedAt = NEVER_LOOKED;
    private boolean told;
    private long laterAt;

    /**
     * @param marks reads the mark
     * @param longestMove when a move that does not end is given up: whoever makes it may have died
     * @param subject the group, for people
     */
    MoveWatch(
            Supplier<CompletableFuture<MoveMark>> marks, Duration longestMove, LongSupplier nanoTime, String subject) {
        this.marks = marks;
        this.longestMove = longestMove;
        this.nanoTime = nanoTime;
        this.subject = subject;
    }

    /**
     * The last move, to be asked for before a consumer subscribes; never fails. Where one is under way the consumer must be
     * paused until {@link #begin}.
     */
    CompletableFuture<MoveMark> subscribing() {
        return look().handle((mark, failure) -> {
            if (failure != null) {
                tell(failure);
            }
            subscribes(mark);
            return mark == null ? MoveMark.NONE : mark;
        });
    }

    private synchronized void subscribes(@Nullable MoveMark mark) {
        known = mark;
        lookedAt = NEVER_LOOKED;
        laterAt = nanoTime.getAsLong();
    }

    /**
     * The consumer has subscribed: waits until the move ends that was under way then, and has it receive.
     *
     * @param wanted whether somebody still wants to receive
     */
    @Override
    public void begin(Consumer<?> consumer, BooleanSupplier wanted) {
        MoveMark mark = subscribedIn();
        long end = nanoTime.getAsLong() + longestMove.toNanos();
        while (mark != null && mark.underWay() && wanted.getAsBoolean() && end - nanoTime.getAsLong() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS));
            try {
                MoveMark now = look().join();
                mark = now.id().equals(mark.id()) ? now : null;
            } catch (CompletionException e) {
                tell(e);
            }
        }
        consumer.resume();
    }

    private synchronized @Nullable MoveMark subscribedIn() {
        return known;
    }

    private CompletableFuture<MoveMark> look() {
        return marks.get().copy().orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Whether the group was moved since {@link #subscribing}. Waits for an answer where the consumer has lost its
     * connection since the last time.
     *
     * @param wanted whether there is still somebody who wants to know
     */
    @Override
    public boolean hasMoved(Consumer<?> consumer, BooleanSupplier wanted) {
        long lost = consumer.getLastDisconnectedTimestamp();
        if (!isDue(lost)) {
            return false;
        }
        long end = nanoTime.getAsLong() + PATIENCE_NANOS;
        while (wanted.getAsBoolean()) {
            try {
                return seen(look().join(), lost);
            } catch (CompletionException e) {
                tell(e);
                if (end - nanoTime.getAsLong() <= 0) {
                    lookLater();
                    return false;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(AGAIN_MILLIS));
            }
        }
        return false;
    }

    /** Also once after it has subscribed: it may have been moved between. */
    private synchronized boolean isDue(long lost) {
        return lost != lookedAt && laterAt - nanoTime.getAsLong() <= 0;
    }

    private synchronized boolean seen(MoveMark mark, long lost) {
        MoveMark before = known;
        known = mark;
        lookedAt = lost;
        told = false;
        return before == null ? mark.underWay() : !mark.id().equals(before.id());
    }

    private synchronized void lookLater() {
        laterAt = nanoTime.getAsLong() + PATIENCE_NANOS;
    }

    private synchronized void tell(Throwable failure) {
        if (!told) {
            told = true;
            LOG.warn(
                    "Cannot ask Pulsar's administration whether {} was moved, asking again: {}",
                    subject,
                    SendFailures.reason(SendFailures.unwrapped(failure)));
        }
    }
}
