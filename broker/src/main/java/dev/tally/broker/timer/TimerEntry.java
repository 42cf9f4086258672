package dev.tally.broker.timer;

import dev.tally.broker.queue.MessageRef;

/**
 * A delayed message, in plain values that a snapshot can keep.
 *
 * @param message the message and its queue
 * @param delayMillis how long it stays invisible
 * @param dueMillis when it is due, by the wall clock
 * @since 0.1
 */
public record TimerEntry(MessageRef message, long delayMillis, long dueMillis) {}
