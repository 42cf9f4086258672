package dev.tally.transport.redis;

import dev.tally.transport.TransportException;

/** Redis cannot carry this message; sending it again cannot succeed. */
final class MessageRefusedException extends TransportException {

    private final String reason;

    MessageRefusedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    /** What is wrong with it, and which limit it breaks. */
    String reason() {
        return reason;
    }
}
