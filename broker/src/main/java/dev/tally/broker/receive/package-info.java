/** Consumers that pop: one message after the other is handed out to somebody, for a time, and done by itself. */
@NullMarked
package dev.tally.broker.receive;

import org.jspecify.annotations.NullMarked;
