package dev.tally.saga.engine;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Local work that has failed in a transaction that was rolled back for it. For one thread. */
final class KnownFailures {

    record Attempt(String sagaId, String step, boolean undo, int attempt) {}

    private final Map<Attempt, LocalFailure> failures = new HashMap<>();

    void add(LocalFailure failure) {
        failures.put(failure.attempt(), failure);
    }

    @Nullable LocalFailure of(Attempt attempt) {
        return failures.get(attempt);
    }
}
