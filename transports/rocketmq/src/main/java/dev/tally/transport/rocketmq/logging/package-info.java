/**
 * RocketMQ's client logs through a relocated copy of SLF4J and would otherwise write files below the user's home
 * directory. This provider, found by the service loader, hands everything to the application's SLF4J. It takes effect
 * when {@code io.github.aliyunmq:rocketmq-logback-classic} is not on the class path, which is why this module excludes it.
 */
@NullMarked
package dev.tally.transport.rocketmq.logging;

import org.jspecify.annotations.NullMarked;
