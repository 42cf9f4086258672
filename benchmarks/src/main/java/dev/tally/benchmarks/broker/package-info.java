/** The suite that sets the broker beside RocketMQ. */
@NullMarked
package dev.tally.benchmarks.broker;

import org.jspecify.annotations.NullMarked;
