/**
 * The message store over one log: {@link dev.tally.broker.engine.LogMessageStore} puts the log, the queue indexes, the
 * half messages and the timers together behind the port {@link dev.tally.broker.store.MessageStore}.
 */
@NullMarked
package dev.tally.broker.engine;

import org.jspecify.annotations.NullMarked;
