package dev.tally.broker.log;

import dev.tally.broker.store.StoreRejectedException;
import dev.tally.broker.store.StoreUnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Waits its turn like a write, writes nothing, and ends its batch: when it runs, the state is what the log says. */
final class PointTask implements Submission {

    private final Consumer<LogPoint> task;
    private final Supplier<LogPoint> here;
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    PointTask(Consumer<LogPoint> task, Supplier<LogPoint> here) {
        this.task = task;
        this.here = here;
    }

    CompletableFuture<Void> done() {
        return done;
    }

    @Override
    public int bytes() {
        return 0;
    }

    @Override
    public boolean essential() {
        return true;
    }

    @Override
    public List<RecordDraft> plan() {
        return List.of();
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        try {
            task.accept(here.get());
            done.complete(null);
        } catch (RuntimeException | Error e) {
            // The log is not to blame and goes on; who asked is told.
            done.completeExceptionally(e);
        }
    }

    @Override
    public void rejected(StoreRejectedException reason) {
        done.completeExceptionally(reason);
    }

    @Override
    public void unknown(StoreUnavailableException reason) {
        done.completeExceptionally(reason);
    }
}
