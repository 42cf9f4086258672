/** The port to a message broker: send, subscribe, capabilities. One adapter for each broker implements it. */
@NullMarked
package dev.tally.transport;

import org.jspecify.annotations.NullMarked;
