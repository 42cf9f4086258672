package dev.tally.boot.guard;

import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.MessageIdentity;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import org.jspecify.annotations.Nullable;

/**
 * JMS's messages: the id that Tally gave them, else {@code JMSMessageID}, which is the same at each delivery.
 *
 * @since 0.1
 */
public final class JmsMessageIds implements MessageIdSource<Message> {

    /** Creates the source. */
    public JmsMessageIds() {}

    @Override
    public Class<Message> type() {
        return Message.class;
    }

    @Override
    public @Nullable MessageIdentity identityOf(Message message) throws JMSException {
        String given = TallyHeader.text(message.getObjectProperty(TallyHeader.JAVA_NAME));
        String id = given == null ? TallyHeader.text(message.getJMSMessageID()) : given;
        return id == null ? null : new MessageIdentity(id, nameOf(message.getJMSDestination()));
    }

    private static @Nullable String nameOf(@Nullable Destination destination) throws JMSException {
        if (destination instanceof Queue queue) {
            return queue.getQueueName();
        }
        return destination instanceof Topic topic ? topic.getTopicName() : null;
    }

    @Override
    public String remedy() {
        return "do not let its sender disable message ids";
    }
}
