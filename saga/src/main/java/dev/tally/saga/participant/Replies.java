package dev.tally.saga.participant;

import dev.tally.message.Destination;
import dev.tally.publish.MessagePublisher;
import dev.tally.publish.OutgoingMessage;
import dev.tally.publish.Via;
import dev.tally.saga.message.NoContent;
import dev.tally.saga.message.ReplyOutcome;
import dev.tally.saga.message.SagaCommand;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Answers commands, in the current transaction. Thread-safe. */
final class Replies {

    private final MessagePublisher publisher;

    Replies(MessagePublisher publisher) {
        this.publisher = publisher;
    }

    /** What took effect or was refused, now or earlier. */
    void send(SagaCommand command, StoredAnswer answer) {
        send(command, answer.outcome(), answer.reason(), answer.payload());
    }

    /** What had no effect in this participant, or is not known. */
    void send(SagaCommand command, ReplyOutcome outcome, String reason) {
        send(command, outcome, reason, new NoContent());
    }

    private void send(SagaCommand command, ReplyOutcome outcome, @Nullable String reason, Object payload) {
        publisher.publish(new OutgoingMessage(
                Destination.topic(command.replyTo()),
                command.sagaId(),
                payload,
                command.reply(outcome, reason).headers(),
                Duration.ZERO,
                null,
                Via.OUTBOX));
    }
}
