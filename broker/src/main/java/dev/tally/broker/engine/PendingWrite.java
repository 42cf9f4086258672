package dev.tally.broker.engine;

import dev.tally.broker.log.Submission;
import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.util.concurrent.CompletableFuture;

/**
 * A submission that somebody waits for.
 *
 * @param <T> the answer
 */
abstract class PendingWrite<T> implements Submission {

    private final CompletableFuture<T> answer = new CompletableFuture<>();

    final CompletableFuture<T> answer() {
        return answer;
    }

    final void complete(T value) {
        answer.complete(value);
    }

    final void fail(RuntimeException reason) {
        answer.completeExceptionally(reason);
    }

    /** What was planned will not be written. */
    void abandoned() {}

    @Override
    public boolean essential() {
        return true;
    }

    @Override
    public final void rejected(StoreRejectedException reason) {
        abandoned();
        answer.completeExceptionally(reason);
    }

    @Override
    public final void unknown(StoreUnavailableException reason) {
        answer.completeExceptionally(reason);
    }
}
