package dev.tally.transport.rocketmq;

import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.MessageIdentity;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * RocketMQ's messages as listeners of its own take them: the id that Tally gave them, else the unique key of the client that
 * sent them, which is the same at each delivery.
 *
 * @since 0.1
 */
public final class RocketMqMessageIds implements MessageIdSource<MessageExt> {

    /** Creates the source. */
    public RocketMqMessageIds() {}

    @Override
    public Class<MessageExt> type() {
        return MessageExt.class;
    }

    @Override
    public MessageIdentity identityOf(MessageExt message) {
        return new MessageIdentity(MessageTranslation.idOf(message).value(), message.getTopic());
    }

    @Override
    public String remedy() {
        return "there is always one";
    }
}
