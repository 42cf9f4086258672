package dev.tally.transport.kafka;

import dev.tally.transport.TransportException;

/** Kafka can never carry a message as it is. */
final class MessageRefusedException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final String attempt;
    private final String reason;

    /** @param reason what is wrong with it and which limit it breaks */
    MessageRefusedException(String attempt, String reason) {
        super(attempt + ": " + reason);
        this.attempt = attempt;
        this.reason = reason;
    }

    String attempt() {
        return attempt;
    }

    String reason() {
        return reason;
    }
}
