/** The transport over Apache Kafka. */
@NullMarked
package dev.tally.transport.kafka;

import org.jspecify.annotations.NullMarked;
