/** A Kafka broker in a process of its own, for tests. */
@NullMarked
package dev.tally.transport.kafka.server;

import org.jspecify.annotations.NullMarked;
