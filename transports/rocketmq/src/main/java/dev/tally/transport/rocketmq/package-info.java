/**
 * The RocketMQ transport: sends in key order, half messages with check-back, and ordered or parallel consumption, over
 * RocketMQ's own client.
 *
 * <p>Begin with {@link dev.tally.transport.rocketmq.RocketMqTransport} and its
 * {@link dev.tally.transport.rocketmq.RocketMqSettings}.
 */
@NullMarked
package dev.tally.transport.rocketmq;

import org.jspecify.annotations.NullMarked;
