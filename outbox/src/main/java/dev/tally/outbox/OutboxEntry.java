package dev.tally.outbox;

import dev.tally.message.Message;

/**
 * One row of the outbox.
 *
 * @param id its place in the order of effect: conflicting transactions have ids in the order in which they took effect
 * @param owner under which name the row was written, see {@link OutboxNodes}
 * @param message the message
 * @param attempts failed attempts to send it so far
 * @param isDue whether the row waited in the table for its time: it has no order with others of its key
 * @since 0.1
 */
public record OutboxEntry(long id, String owner, Message message, int attempts, boolean isDue) {

    /** One that did not wait for its time. */
    public OutboxEntry(long id, String owner, Message message, int attempts) {
        this(id, owner, message, attempts, false);
    }

    /** The same row under another owner. */
    public OutboxEntry under(String other) {
        return new OutboxEntry(id, other, message, attempts, isDue);
    }
}
