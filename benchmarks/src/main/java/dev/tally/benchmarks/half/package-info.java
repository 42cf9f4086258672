/** Half messages with a database, on our broker and on RocketMQ, beside the outbox and rocketmq-spring. */
@NullMarked
package dev.tally.benchmarks.half;

import org.jspecify.annotations.NullMarked;
