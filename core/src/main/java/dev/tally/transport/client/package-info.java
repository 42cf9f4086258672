/** What transports share around their brokers' clients: the order of keys on their way out, and threads. */
@NullMarked
package dev.tally.transport.client;

import org.jspecify.annotations.NullMarked;
