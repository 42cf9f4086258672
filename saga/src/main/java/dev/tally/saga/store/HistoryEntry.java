package dev.tally.saga.store;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of a saga.
 *
 * @param sagaId the saga
 * @param version the saga's version after the change
 * @param at when
 * @param events what happened, in order
 * @param actor who did it; {@code null} if nobody
 * @param reason why somebody did it; {@code null} if nobody
 * @param data the data as JSON after the change; {@code null} if it did not change
 * @since 0.1
 */
public record HistoryEntry(
        String sagaId,
        long version,
        Instant at,
        List<SagaEvent> events,
        @Nullable String actor,
        @Nullable String reason,
        @Nullable String data) {}
