/**
 * Who handles what, and when: deliveries of a group are handled in parallel by key, each key in order, within the limits
 * of concurrency, rate and memory. Transports hand their queues over to it.
 */
@NullMarked
package dev.tally.consume.dispatch;

import org.jspecify.annotations.NullMarked;
