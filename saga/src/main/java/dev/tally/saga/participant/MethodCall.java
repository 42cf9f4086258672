package dev.tally.saga.participant;

import dev.tally.message.EncodedPayload;
import dev.tally.message.PayloadCodec;
import dev.tally.saga.RefusedException;
import dev.tally.saga.message.NoContent;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.participant.Incoming.Known;
import org.jspecify.annotations.Nullable;

/** Calls the methods of participants; failures are answered, not thrown. Thread-safe. */
final class MethodCall {

    /** What a method made of a command. */
    sealed interface Result {}

    /** @param token what its compensation will need, or {@code null} */
    record Done(StoredAnswer answer, @Nullable EncodedPayload token) implements Result {}

    record Refusal(StoredAnswer answer) implements Result {}

    record Failure(Throwable failure) implements Result {}

    private final PayloadCodec codec;

    MethodCall(PayloadCodec codec) {
        this.codec = codec;
    }

    Result call(Known known, @Nullable EncodedPayload undoToken) {
        try {
            return result(known.method()
                    .call(known.method().parameters().arguments(known.payload(), known.context(), undoToken, codec)));
        } catch (RefusedException e) {
            return refusal(e.getMessage(), e.refusal());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Failure(e);
        } catch (Exception | LinkageError | AssertionError | StackOverflowError e) {
            return new Failure(e);
        }
    }

    private Result result(@Nullable Object returned) {
        if (!(returned instanceof StepResult<?> said)) {
            return new Done(done(returned), null);
        }
        String refusal = said.refusal();
        if (refusal != null) {
            return refusal(refusal, said.refusalContent());
        }
        Object token = said.undoToken();
        return new Done(done(said.payload()), token == null ? null : EncodedPayload.of(token, codec));
    }

    private Result refusal(@Nullable String reason, @Nullable Object content) {
        try {
            return new Refusal(new StoredAnswer(ReplyOutcome.REFUSED, reason, encoded(content)));
        } catch (RuntimeException e) {
            return new Failure(e);
        }
    }

    /** The answer of what took effect. */
    StoredAnswer done(@Nullable Object payload) {
        return new StoredAnswer(ReplyOutcome.DONE, null, encoded(payload));
    }

    private EncodedPayload encoded(@Nullable Object payload) {
        return EncodedPayload.of(payload == null ? new NoContent() : payload, codec);
    }
}
