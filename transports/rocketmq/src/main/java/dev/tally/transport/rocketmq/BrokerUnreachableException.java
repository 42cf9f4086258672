package dev.tally.transport.rocketmq;

import dev.tally.transport.TransportException;

/** No name server answers; trying again later may succeed. */
final class BrokerUnreachableException extends TransportException {

    BrokerUnreachableException(String message, Throwable cause) {
        super(message, cause);
    }
}
