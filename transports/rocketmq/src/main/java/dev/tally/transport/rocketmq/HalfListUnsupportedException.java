package dev.tally.transport.rocketmq;

import dev.tally.half.HalfMessagesUnavailableException;

/** A broker of RocketMQ, which can be asked for parked half messages only. */
final class HalfListUnsupportedException extends HalfMessagesUnavailableException {

    HalfListUnsupportedException(String message) {
        super(message);
    }
}
