package dev.tally.transport.rocketmq;

import dev.tally.transport.TransportException;

/** RocketMQ has no way to carry this message; sending it again cannot succeed. */
final class MessageRefusedException extends TransportException {

    MessageRefusedException(String message) {
        super(message);
    }
}
