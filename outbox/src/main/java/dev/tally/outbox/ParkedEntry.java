package dev.tally.outbox;

import dev.tally.message.Message;
import java.time.Instant;

/**
 * An entry that was given up and waits for a person.
 *
 * @param id its id
 * @param message the message
 * @param attempts how often sending it was tried
 * @param reason why it was given up
 * @param createdAt when it was written, by the database's clock
 * @since 0.1
 */
public record ParkedEntry(long id, Message message, int attempts, String reason, Instant createdAt) {}
