package dev.tally.transport.jms;

import dev.tally.message.Message;
import dev.tally.transport.TransportException;

/** JMS has no way to carry this message; sending it again cannot succeed. */
final class MessageRefusedException extends TransportException {

    private final String reason;

    MessageRefusedException(Message message, String reason) {
        super(attempted(message) + ": " + reason);
        this.reason = reason;
    }

    /** What is being done, at the beginning of each error of a send. */
    static String attempted(Message message) {
        return "Cannot send message " + message.id() + " to JMS topic '"
                + message.destination().topic() + "'";
    }

    /** What is wrong with it, and which limit it breaks. */
    String reason() {
        return reason;
    }
}
