package dev.tally.observation;

import dev.tally.message.Destination;
import dev.tally.message.MessageId;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is known of a message that is being published. The carrier collects the headers by which the trace goes on.
 *
 * @since 0.1
 */
public final class MessagePublishContext extends SenderContext<Map<String, String>> {

    private final String messagingSystem;
    private final MessageId messageId;
    private final Destination destination;
    private final String via;

    MessagePublishContext(String messagingSystem, MessageId messageId, Destination destination, String via) {
        super(
                (carrier, name, value) -> {
                    if (carrier != null) {
                        carrier.put(name, value);
                    }
                },
                Kind.PRODUCER);
        this.messagingSystem = messagingSystem;
        this.messageId = messageId;
        this.destination = destination;
        this.via = via;
        setCarrier(new LinkedHashMap<>());
        setRemoteServiceName(messagingSystem);
    }

    /** The transport's name. */
    public String messagingSystem() {
        return messagingSystem;
    }

    /** The message's id. */
    public MessageId messageId() {
        return messageId;
    }

    /** Where it goes. */
    public Destination destination() {
        return destination;
    }

    /** How it leaves, in lower case. */
    public String via() {
        return via;
    }
}
