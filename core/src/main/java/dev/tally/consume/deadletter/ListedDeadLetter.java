package dev.tally.consume.deadletter;

import dev.tally.message.MessageId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a list tells of a dead letter: everything but what can be long, which are its payload, its headers and its stack.
 *
 * @param group the consumer group
 * @param id the message's
 * @param topic the message's
 * @param key the message's, {@code null} for none
 * @param type the message's
 * @param attempts how often it was tried, at least 1
 * @param reason why it could not be handled
 * @param exception the class of the exception at the root, {@code null} where there was none
 * @param storedAt when its broker stored it, {@code null} where that is not known
 * @param since since when it is a dead letter, by the database's clock
 * @param replay how it is to be replayed, {@code null} if nobody asked for that
 * @since 0.1
 */
public record ListedDeadLetter(
        String group,
        MessageId id,
        String topic,
        @Nullable String key,
        String type,
        int attempts,
        String reason,
        @Nullable String exception,
        @Nullable Instant storedAt,
        @Nullable Instant since,
        DeadLetter.@Nullable Replay replay) {}
