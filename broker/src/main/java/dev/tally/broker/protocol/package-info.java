/**
 * The RocketMQ remoting protocol as bytes: frames, command headers, the encoding of stored messages, and one record for
 * each command's fields. Knows neither sockets nor storage.
 */
@NullMarked
package dev.tally.broker.protocol;

import org.jspecify.annotations.NullMarked;
