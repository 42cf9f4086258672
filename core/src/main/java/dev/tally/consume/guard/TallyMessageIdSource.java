package dev.tally.consume.guard;

import dev.tally.message.Message;

/** Tally's own messages. */
final class TallyMessageIdSource implements MessageIdSource<Message> {

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
