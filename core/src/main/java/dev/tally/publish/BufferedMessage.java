package dev.tally.publish;

import dev.tally.message.Message;

/** A message that waits for its transaction. */
record BufferedMessage(Message message, PublishingPath path, Via via) {}
