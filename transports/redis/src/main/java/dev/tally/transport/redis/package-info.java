/**
 * The transport over Redis streams: one stream for each partition of a topic, consumer groups whose partitions are leased
 * to one member each.
 */
@NullMarked
package dev.tally.transport.redis;

import org.jspecify.annotations.NullMarked;
