package dev.tally.transport.redis;

import dev.tally.transport.TransportException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for answers on a thread of the transport's own. Immutable. */
final class Answers {

    private final Duration limit;

    Answers(Duration limit) {
        this.limit = limit;
    }

    Duration limit() {
        return limit;
    }

    /**
     * The answer.
     *
     * @throws TransportException if it does not come in time, or waiting for it is interrupted
     * @throws io.lettuce.core.RedisException that the client or the server failed with
     */
    <T> T of(CompletableFuture<T> future) {
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransportException("interrupted while waiting for Redis", e);
        } catch (TimeoutException e) {
            throw new NoAnswerException("no answer from Redis within " + limit, e);
        } catch (ExecutionException e) {
            if (Failures.cause(e) instanceof RuntimeException cause) {
                throw cause;
            }
            throw new TransportException("Redis failed", e);
        }
    }
}
