package dev.tally.boot.guard;

import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.MessageIdentity;
import org.jspecify.annotations.Nullable;
import org.springframework.amqp.core.Message;
import org.springframework.amqp.core.MessageProperties;

/**
 * AMQP's messages: the id that Tally gave them, else the property {@code message-id}, which the sender has to set: AMQP has
 * nothing of its own that is the same at each delivery.
 *
 * @since 0.1
 */
public final class AmqpMessageIds implements MessageIdSource<Message> {

    /** Creates the source. */
    public AmqpMessageIds() {}

    @Override
    public Class<Message> type() {
        return Message.class;
    }

    @Override
    public @Nullable MessageIdentity identityOf(Message message) {
        MessageProperties properties = message.getMessageProperties();
        String given = TallyHeader.text(properties.getHeaders().get(TallyHeader.NAME));
        String id = given == null ? TallyHeader.text(properties.getMessageId()) : given;
        return id == null ? null : new MessageIdentity(id, properties.getConsumerQueue());
    }

    @Override
    public String remedy() {
        return "let its sender set the property message-id; a MessageConverter with createMessageIds does";
    }
}
