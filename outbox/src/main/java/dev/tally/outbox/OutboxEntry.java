package dev.tally.outbox;

import dev.tally.message.Message;

/**
 * One row of the outbox.
 *
 * @param id its place in the order of effect: conflicting transactions have ids in the order in which they took effect
 * @param owner under which name the row was written, see {@link OutboxNodes}
 * @param message the message
 * @param attempts failed attempts to send it so far
 * @since 0.1
 */
public record OutboxEntry(long id, String owner, Message message, int attempts) {}
