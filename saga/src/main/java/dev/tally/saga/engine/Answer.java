package dev.tally.saga.engine;

import dev.tally.saga.message.ReplyOutcome;
import org.jspecify.annotations.Nullable;

/**
 * What came of an attempt.
 *
 * @param step the step
 * @param undo whether it was of its compensation
 * @param attempt which one, from 1
 * @param outcome what came of it
 * @param content what it brought; {@code null} for nothing, or where nobody looks at it
 * @param reason why it was not done, for people
 */
record Answer(
        String step,
        boolean undo,
        int attempt,
        ReplyOutcome outcome,
        @Nullable Object content,
        @Nullable String reason) {

    String why() {
        return reason == null ? outcome.word() : reason;
    }
}
