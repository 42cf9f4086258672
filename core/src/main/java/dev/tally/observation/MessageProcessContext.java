package dev.tally.observation;

import dev.tally.message.Headers;
import dev.tally.message.Message;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a delivery that is being processed. The carrier are the message's headers.
 *
 * @since 0.1
 */
public final class MessageProcessContext extends ReceiverContext<Headers> {

    private final String messagingSystem;
    private final Message message;
    private final String topic;
    private final String group;
    private final int attempt;
    private volatile @Nullable Outcome outcome;

    /** How processing a delivery can end. */
    public enum Outcome {
        /** Its handler ran, and its transaction committed. */
        HANDLED,
        /** It had been handled before; nothing changed. */
        DUPLICATE,
        /** Its transaction rolled back; it will be delivered again. */
        FAILED,
        /** The transaction of its batch rolled back; it is handled by itself at once. */
        TAKEN_BACK,
        /** Its handler failed, and it counts as handled without effect, by the rules. */
        SKIPPED,
        /** Its handler failed, and its consumer stopped, by the rules. */
        STOPPED,
        /** It can never be handled. */
        DEAD_LETTERED;

        String value() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    MessageProcessContext(String messagingSystem, Message message, String topic, String group, int attempt) {
        super(MessageProcessContext::header, Kind.CONSUMER);
        this.messagingSystem = messagingSystem;
        this.message = message;
        this.topic = topic;
        this.group = group;
        this.attempt = attempt;
        setCarrier(message.headers());
        setRemoteServiceName(messagingSystem);
    }

    /** Names of trace headers are written in more than one way by clients of other languages. */
    private static @Nullable String header(@Nullable Headers headers, String name) {
        if (headers == null) {
            return null;
        }
        String exact = headers.get(name);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, String> header : headers.asMap().entrySet()) {
            if (header.getKey().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    void end(Outcome reached) {
        outcome = reached;
    }

    /** The transport's name. */
    public String messagingSystem() {
        return messagingSystem;
    }

    /** The message. */
    public Message message() {
        return message;
    }

    /** The topic that the group has subscribed. */
    public String topic() {
        return topic;
    }

    /** The group. */
    public String group() {
        return group;
    }

    /** Which delivery of the message this is, from 1. */
    public int attempt() {
        return attempt;
    }

    /** How it ended, {@code null} as long as it has not. */
    public @Nullable Outcome outcome() {
        return outcome;
    }
}
