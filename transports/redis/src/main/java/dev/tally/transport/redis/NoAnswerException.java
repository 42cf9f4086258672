package dev.tally.transport.redis;

import dev.tally.transport.TransportException;

/** Redis did not answer in time; its connection may be dead without anybody having said so. */
final class NoAnswerException extends TransportException {

    NoAnswerException(String message) {
        super(message);
    }

    NoAnswerException(String message, Throwable cause) {
        super(message, cause);
    }
}
