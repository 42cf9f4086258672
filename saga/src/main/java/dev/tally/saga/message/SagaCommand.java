package dev.tally.saga.message;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a command says besides its payload.
 *
 * @param sagaId the saga
 * @param sagaName the name of its definition
 * @param step the step
 * @param attempt which attempt of the step, or of its compensation, from 1
 * @param undo whether it is the step's compensation
 * @param deadline until when an answer is waited for, to the millisecond; {@code null} for ever
 * @param startedAt when the saga began, to the millisecond
 * @param replyTo the topic for the reply
 * @param elsewhere whether it is the compensation of a step that was done by somebody else, so that not to have done the
 *     step does not mean that there is nothing to undo
 * @since 0.1
 */
public record SagaCommand(
        String sagaId,
        String sagaName,
        String step,
        int attempt,
        boolean undo,
        @Nullable Instant deadline,
        Instant startedAt,
        String replyTo,
        boolean elsewhere) {

    /** A command for a step that is done, and undone, by one participant. */
    public SagaCommand(
            String sagaId,
            String sagaName,
            String step,
            int attempt,
            boolean undo,
            @Nullable Instant deadline,
            Instant startedAt,
            String replyTo) {
        this(sagaId, sagaName, step, attempt, undo, deadline, startedAt, replyTo, false);
    }

    /**
     * What {@code message} says.
     *
     * @throws SagaMessageException if it is no command
     */
    public static SagaCommand of(Message message) {
        HeaderReader reader = new HeaderReader(message, "command");
        return new SagaCommand(
                reader.text(SagaHeaders.SAGA_ID),
                reader.text(SagaHeaders.SAGA_NAME),
                reader.text(SagaHeaders.STEP),
                reader.attempt(),
                reader.isUndo(),
                reader.timeOrNull(SagaHeaders.DEADLINE),
                reader.time(SagaHeaders.STARTED),
                reader.text(SagaHeaders.REPLY_TO),
                "true".equals(message.headers().get(SagaHeaders.ELSEWHERE)));
    }

    /** The headers that say it. */
    public Headers headers() {
        Headers headers = Headers.empty()
                .with(SagaHeaders.SAGA_ID, sagaId)
                .with(SagaHeaders.SAGA_NAME, sagaName)
                .with(SagaHeaders.STEP, step)
                .with(SagaHeaders.ATTEMPT, Integer.toString(attempt))
                .with(SagaHeaders.PHASE, undo ? SagaHeaders.UNDO : SagaHeaders.DO)
                .with(SagaHeaders.STARTED, Long.toString(startedAt.toEpochMilli()))
                .with(SagaHeaders.REPLY_TO, replyTo);
        if (elsewhere) {
            headers = headers.with(SagaHeaders.ELSEWHERE, "true");
        }
        return deadline == null ? headers : headers.with(SagaHeaders.DEADLINE, Long.toString(deadline.toEpochMilli()));
    }

    /** The reply to it. */
    public SagaReply reply(ReplyOutcome outcome, @Nullable String reason) {
        return new SagaReply(sagaId, step, attempt, undo, outcome, reason);
    }
}
