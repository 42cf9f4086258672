/**
 * What the protocol side of the broker may ask of its storage: append, prepare and decide, schedule, read, offsets. The
 * port is {@link dev.tally.broker.store.MessageStore}; payloads are opaque here.
 */
@NullMarked
package dev.tally.broker.store;

import org.jspecify.annotations.NullMarked;
