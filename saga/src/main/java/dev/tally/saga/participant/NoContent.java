package dev.tally.saga.participant;

import dev.tally.message.MessageType;

/**
 * The payload of an answer that has none.
 *
 * @since 0.1
 */
@MessageType("no-content")
public record NoContent() {}
