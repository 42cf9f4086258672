/**
 * A single-node broker that speaks the RocketMQ remoting protocol: {@link dev.tally.broker.Broker} to embed,
 * {@link dev.tally.broker.BrokerMain} to run.
 */
@NullMarked
package dev.tally.broker;

import org.jspecify.annotations.NullMarked;
