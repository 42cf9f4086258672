/** The peer: a name server and a broker of RocketMQ in one process. */
@NullMarked
package dev.tally.benchmarks.rocketmq;

import org.jspecify.annotations.NullMarked;
