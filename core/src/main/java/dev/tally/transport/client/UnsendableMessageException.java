package dev.tally.transport.client;

import dev.tally.message.Message;
import dev.tally.transport.SendOutcome;
import dev.tally.transport.TransportException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A broker has no way to carry a message as it is; sending it again cannot succeed.
 *
 * @since 0.1
 */
public final class UnsendableMessageException extends TransportException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    /**
     * Creates it.
     *
     * @param product the broker's name, as people call it
     * @param reason what is wrong with the message, and which limit it breaks
     */
    public UnsendableMessageException(Message message, String product, String reason) {
        super(attempt(message, product) + ": " + reason);
        this.reason = reason;
    }

    /** How errors of a send begin: what is attempted, with the message's id and its topic. */
    public static String attempt(Message message, String product) {
        return "Cannot send message " + message.id() + " to " + product + " topic '"
                + message.destination().topic() + "'";
    }

    /**
     * What a transport answers to the question whether it can send a message.
     *
     * @param translation makes the broker's message of it, or throws this exception
     */
    public static Optional<String> refusal(Message message, Consumer<Message> translation) {
        try {
            translation.accept(message);
            return Optional.empty();
        } catch (UnsendableMessageException e) {
            return Optional.of(e.reason);
        }
    }

    /** What is wrong with the message, and which limit it breaks. */
    public String reason() {
        return reason;
    }

    /** What the sender is answered. */
    public SendOutcome.Failed outcome() {
        return new SendOutcome.Failed(false, String.valueOf(getMessage()), this);
    }
}
