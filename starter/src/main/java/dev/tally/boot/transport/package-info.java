/** Transports as beans, by their brokers' own properties, and what sends topics from one to another. */
@NullMarked
package dev.tally.boot.transport;

import org.jspecify.annotations.NullMarked;
