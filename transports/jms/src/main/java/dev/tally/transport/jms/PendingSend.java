package dev.tally.transport.jms;

import dev.tally.transport.SendOutcome;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A message that waits for its turn.
 *
 * @param destination where it goes
 * @param lane what it keeps its order with, or {@code null}
 * @param content makes it
 * @param what is being done, the beginning of each error
 * @param outcome completed once, by whoever knows first
 */
record PendingSend(
        Names destination, @Nullable Lane lane, Content content, String what, CompletableFuture<SendOutcome> outcome) {

    /** A key within its topic. */
    record Lane(String topic, String key) {}

    /** Makes a message with the session that sends it, on that session's thread. */
    @FunctionalInterface
    interface Content {
        Message create(Session session) throws JMSException;
    }

    /** It failed, and may be sent again. */
    void fail(String reason, @Nullable Throwable cause) {
        outcome.complete(new SendOutcome.Failed(true, what + ": " + reason, cause));
    }

    /** Whether nobody waits for it any more. */
    boolean isDone() {
        return outcome.isDone();
    }
}
