package dev.tally.saga;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which work is being done, for whom.
 *
 * @param sagaId the saga
 * @param sagaName the name of its definition
 * @param businessKey what the saga is about; empty for a participant
 * @param step the step
 * @param attempt which attempt of the step this is, from 1
 * @param undo whether the step is being undone
 * @param deadline until when an answer is waited for, or {@code null}
 * @since 0.1
 */
public record StepContext(
        String sagaId,
        String sagaName,
        String businessKey,
        String step,
        int attempt,
        boolean undo,
        @Nullable Instant deadline) {

    /**
     * A key for work that others do: the same for every attempt of this step, and another one for its compensation. For the
     * idempotency keys of HTTP services and the like.
     */
    public String idempotencyKey() {
        return sagaId + ':' + step + (undo ? ":undo" : "");
    }
}
