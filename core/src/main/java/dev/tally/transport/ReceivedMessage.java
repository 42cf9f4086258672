package dev.tally.transport;

import dev.tally.message.Message;

/**
 * A delivery.
 *
 * @param message the message
 * @param attempt which delivery of it this is for the group, from 1; a transport that cannot know says 1
 */
public record ReceivedMessage(Message message, int attempt) {}
