package dev.tally.benchmarks.publisher;

import dev.tally.benchmarks.time.Timing;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** When orders were committed, as long as somebody wants to know. Thread-safe. */
final class Commits {

    private final Map<Long, Long> nanosByOrder = new ConcurrentHashMap<>();
    private final Timing timing;
    private volatile boolean watched;

    Commits(Timing timing) {
        this.timing = timing;
    }

    void watch(boolean watch) {
        nanosByOrder.clear();
        watched = watch;
    }

    boolean isWatched() {
        return watched;
    }

    /** Right after the commit, on the committing thread. */
    void note(long orderId) {
        if (watched) {
            nanosByOrder.put(orderId, timing.nanos());
        }
    }

    Map<Long, Long> nanosByOrder() {
        return Map.copyOf(nanosByOrder);
    }
}
