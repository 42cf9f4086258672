package dev.tally.outbox;

import dev.tally.message.Message;
import java.time.Instant;

/**
 * A message that was sent.
 *
 * @param id the id of its row
 * @param message as it was published; headers that this version cannot read are left out
 * @param attempts how many times sending it had failed before
 * @param createdAt when it was published, by the database's clock
 * @param sentAt when its row was completed, a moment after the broker's confirmation, by the database's clock
 * @since 0.1
 */
public record ArchivedEntry(long id, Message message, int attempts, Instant createdAt, Instant sentAt) {}
