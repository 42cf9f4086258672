package dev.tally.saga.participant;

import dev.tally.saga.message.NoContent;
import org.jspecify.annotations.Nullable;

/**
 * What became of a step, where a method wants to say more than its payload. Immutable.
 *
 * @param <T> the payload of the answer
 * @since 0.1
 */
public final class StepResult<T> {

    private final @Nullable T payload;
    private final @Nullable Object undoToken;
    private final @Nullable String refusal;
    private final @Nullable Object refusalContent;

    private StepResult(
            @Nullable T payload,
            @Nullable Object undoToken,
            @Nullable String refusal,
            @Nullable Object refusalContent) {
        this.payload = payload;
        this.undoToken = undoToken;
        this.refusal = refusal;
        this.refusalContent = refusalContent;
    }

    /** Done, and answered with {@code payload}. */
    public static <T> StepResult<T> done(T payload) {
        return new StepResult<>(payload, null, null, null);
    }

    /** Done, and answered with {@link NoContent}. */
    public static StepResult<NoContent> done() {
        return done(new NoContent());
    }

    /** Refused: what the method has written is taken back. The same as throwing a {@link dev.tally.saga.RefusedException}. */
    public static <T> StepResult<T> refused(String reason) {
        return new StepResult<>(null, null, reason, null);
    }

    /**
     * Refused, with something that the saga can read.
     *
     * @param reason for people; kept in the saga's history, at most 500 characters
     * @param content what the definition's {@code onRefused} takes
     */
    public static <T> StepResult<T> refused(String reason, Object content) {
        return new StepResult<>(null, null, reason, content);
    }

    /**
     * The same, with something that the compensation will need: it is kept as JSON with the step, and handed to the parameter
     * annotated with {@link UndoToken}. It does not leave this service.
     *
     * @throws IllegalStateException if it is a refusal, which has nothing to undo
     */
    public StepResult<T> withUndoToken(Object token) {
        if (refusal != null) {
            throw new IllegalStateException(
                    "Cannot give a refused step an undo token: there is nothing to undo. It was refused because "
                            + refusal);
        }
        return new StepResult<>(payload, token, null, null);
    }

    /** The payload of the answer; {@code null} if it is refused. */
    public @Nullable T payload() {
        return payload;
    }

    /** What the compensation will need, or {@code null}. */
    public @Nullable Object undoToken() {
        return undoToken;
    }

    /** Why it is refused; {@code null} if it is done. */
    public @Nullable String refusal() {
        return refusal;
    }

    /** What the saga can read of the refusal, or {@code null}. */
    public @Nullable Object refusalContent() {
        return refusalContent;
    }
}
