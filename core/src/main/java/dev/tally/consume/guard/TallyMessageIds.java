package dev.tally.consume.guard;

import dev.tally.message.Message;

/**
 * Tally's own messages.
 *
 * @since 0.1
 */
public final class TallyMessageIds implements MessageIdSource<Message> {

    /** Creates the source. */
    public TallyMessageIds() {}

    @Override
    public Class<Message> type() {
        return Message.class;
    }

    @Override
    public MessageIdentity identityOf(Message message) {
        return new MessageIdentity(message.id().value(), message.destination().topic());
    }

    @Override
    public String remedy() {
        return "there is always one";
    }
}
