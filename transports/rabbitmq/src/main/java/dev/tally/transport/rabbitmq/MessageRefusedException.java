package dev.tally.transport.rabbitmq;

import dev.tally.transport.TransportException;

/** RabbitMQ has no way to carry this message; sending it again cannot succeed. */
final class MessageRefusedException extends TransportException {

    private final String reason;

    MessageRefusedException(String attempted, String reason) {
        super(attempted + ": " + reason);
        this.reason = reason;
    }

    /** What is wrong with it, and which limit it breaks. */
    String reason() {
        return reason;
    }
}
