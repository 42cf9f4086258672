/**
 * The Kafka transport: sends in key order with an idempotent producer, and handles partitions in parallel by key, over
 * Kafka's own clients.
 *
 * <p>Begin with {@link dev.tally.transport.kafka.KafkaTransport} and its {@link dev.tally.transport.kafka.KafkaSettings}.
 */
@NullMarked
package dev.tally.transport.kafka;

import org.jspecify.annotations.NullMarked;
