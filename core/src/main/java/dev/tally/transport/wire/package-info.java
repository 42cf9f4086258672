/** What transports share in translating messages for their brokers: names, CloudEvents attributes, tag expressions. */
@NullMarked
package dev.tally.transport.wire;

import org.jspecify.annotations.NullMarked;
