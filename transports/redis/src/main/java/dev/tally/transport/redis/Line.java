package dev.tally.transport.redis;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection that is opened when it is needed, and opened again when it was lost. Thread-safe; never blocks. */
final class Line implements AutoCloseable {

    /** How long after a vain attempt the next one begins at the earliest. */
    private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

    private final Supplier<Session> opening;
    private final Executor threads;
    private final LongSupplier nanoTime;

    private @Nullable CompletableFuture<Session> current;
    private long failedAt;
    private boolean closed;

    /**
     * Creates it; nothing is opened yet.
     *
     * @param opening opens a connection, or throws
     * @param threads where it waits for that
     */
    Line(Supplier<Session> opening, Executor threads, LongSupplier nanoTime) {
        this.opening = opening;
        this.threads = threads;
        this.nanoTime = nanoTime;
    }

    /**
     * The connection, once it is open.
     *
     * @return fails if it cannot be opened; another call tries again
     */
    synchronized CompletableFuture<Session> session() {
        if (closed) {
            return CompletableFuture.failedFuture(new TransportException("the transport is closed"));
        }
        CompletableFuture<Session> known = current;
        if (known == null || !isUsable(known)) {
            known = open();
            current = known;
        }
        // Nobody else may complete it, with a time-out for instance.
        return known.copy();
    }

    private boolean isUsable(CompletableFuture<Session> known) {
        if (known.isCompletedExceptionally()) {
            return nanoTime.getAsLong() - failedAt < PAUSE_NANOS;
        }
        if (!known.isDone() || known.join().isOpen()) {
            return true;
        }
        known.join().end();
        return false;
    }

    private CompletableFuture<Session> open() {
        CompletableFuture<Session> opened = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    arrived(opened, opening.get());
                } catch (RuntimeException e) {
                    failed(opened, e);
                }
            });
        } catch (RejectedExecutionException e) {
            failed(opened, e);
        }
        return opened;
    }

    private void arrived(CompletableFuture<Session> opened, Session session) {
        synchronized (this) {
            if (closed) {
                session.end();
            }
        }
        opened.complete(session);
    }

    private void failed(CompletableFuture<Session> opened, RuntimeException cause) {
        synchronized (this) {
            failedAt = nanoTime.getAsLong();
        }
        opened.completeExceptionally(cause);
    }

    /**
     * A command of a connection failed, or was not answered in time. If the connection may be the reason, it is closed,
     * which fails all that is under way on it.
     */
    void suspect(Session session, Throwable cause) {
        if (!Failures.isOfConnection(cause)) {
            return;
        }
        synchronized (this) {
            CompletableFuture<Session> known = current;
            if (known != null
                    && known.isDone()
                    && !known.isCompletedExceptionally()
                    && known.join().equals(session)) {
                current = null;
            }
        }
        session.end();
    }

    @Override
    public void close() {
        CompletableFuture<Session> known;
        synchronized (this) {
            closed = true;
            known = current;
        }
        if (known != null) {
            var unused = known.thenAccept(Session::end);
        }
    }
}
