package dev.tally.saga.message;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a reply says besides its payload.
 *
 * @param sagaId the saga
 * @param step the step
 * @param attempt the attempt of the command that it answers
 * @param undo whether that was the step's compensation
 * @param outcome what became of the command
 * @param reason why it was not done, for people; may be {@code null}
 * @since 0.1
 */
public record SagaReply(
        String sagaId,
        String step,
        int attempt,
        boolean undo,
        ReplyOutcome outcome,
        @Nullable String reason) {

    private static final int MAX_REASON = 500;

    /**
     * What {@code message} says.
     *
     * @throws SagaMessageException if it is no reply
     */
    public static SagaReply of(Message message) {
        HeaderReader reader = new HeaderReader(message, "reply");
        String outcome = reader.text(SagaHeaders.OUTCOME);
        return new SagaReply(
                reader.text(SagaHeaders.SAGA_ID),
                reader.text(SagaHeaders.STEP),
                reader.attempt(),
                reader.isUndo(),
                Arrays.stream(ReplyOutcome.values())
                        .filter(each -> each.word().equals(outcome))
                        .findFirst()
                        .orElseThrow(() -> reader.invalid(SagaHeaders.OUTCOME, outcome)),
                message.headers().get(SagaHeaders.REASON));
    }

    /** The headers that say it. */
    public Headers headers() {
        Headers headers = Headers.empty()
                .with(SagaHeaders.SAGA_ID, sagaId)
                .with(SagaHeaders.STEP, step)
                .with(SagaHeaders.ATTEMPT, Integer.toString(attempt))
                .with(SagaHeaders.PHASE, undo ? SagaHeaders.UNDO : SagaHeaders.DO)
                .with(SagaHeaders.OUTCOME, outcome.word());
        return reason == null || reason.isBlank() ? headers : headers.with(SagaHeaders.REASON, line(reason));
    }

    /** What every broker carries in a header. */
    private static String line(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) : line;
    }
}
