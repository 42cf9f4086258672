/** The transports beside their brokers' bare clients. */
@NullMarked
package dev.tally.benchmarks.transport;

import org.jspecify.annotations.NullMarked;
