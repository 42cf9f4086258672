/** Delayed messages: durable from the start, visible when they are due, also where the broker was down meanwhile. */
@NullMarked
package dev.tally.broker.timer;

import org.jspecify.annotations.NullMarked;
