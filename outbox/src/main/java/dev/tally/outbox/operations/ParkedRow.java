package dev.tally.outbox.operations;

import dev.tally.message.Headers;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A parked row without its payload, for lists.
 *
 * @param id its id
 * @param messageId the message's id
 * @param topic where it goes
 * @param tag the topic's tag, or {@code null}
 * @param key what orders it, or {@code null}
 * @param type the logical name of the payload's type
 * @param headers its headers
 * @param payloadBytes how long the payload is
 * @param attempts how often sending it was tried
 * @param reason why it was given up
 * @param createdAt when it was written, by the database's clock
 * @since 0.1
 */
public record ParkedRow(
        long id,
        String messageId,
        String topic,
        @Nullable String tag,
        @Nullable String key,
        String type,
        Headers headers,
        long payloadBytes,
        int attempts,
        String reason,
        Instant createdAt) {}
