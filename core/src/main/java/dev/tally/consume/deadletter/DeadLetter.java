package dev.tally.consume.deadletter;

import dev.tally.message.Message;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that a group could not handle.
 *
 * @param group the consumer group
 * @param message the message as it was received
 * @param attempts how often it was tried, at least 1
 * @param failure why, see {@link DeadLetterFailure}
 * @param storedAt when its broker stored it, {@code null} where that is not known
 * @param since since when it is a dead letter, by the database's clock; {@code null} before it is kept
 * @param replay how it is to be replayed, {@code null} if nobody asked for that
 * @since 0.1
 */
public record DeadLetter(
        String group,
        Message message,
        int attempts,
        DeadLetterFailure failure,
        @Nullable Instant storedAt,
        @Nullable Instant since,
        @Nullable Replay replay) {

    /**
     * A replay that was asked for.
     *
     * @param dueAt when its turn is, by the database's clock
     * @param forced whether it is to take effect also if the inbox says that it has, or cannot tell any more
     */
    public record Replay(Instant dueAt, boolean forced) {}

    /** A dead letter of which nothing is kept yet. */
    public static DeadLetter of(
            String group, Message message, int attempts, DeadLetterFailure failure, @Nullable Instant storedAt) {
        return new DeadLetter(group, message, attempts, failure, storedAt, null, null);
    }

    /** What a list tells of it. */
    public ListedDeadLetter listed() {
        return new ListedDeadLetter(
                group,
                message.id(),
                message.destination().topic(),
                message.key(),
                message.type(),
                attempts,
                failure.reason(),
                failure.exception(),
                storedAt,
                since,
                replay);
    }

    @Override
    public String toString() {
        return "DeadLetter[group=" + group + ", " + message + ", attempts=" + attempts + ", reason=" + failure.reason()
                + "]";
    }
}
