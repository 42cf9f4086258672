package dev.tally.boot.guard;

import dev.tally.consume.guard.MessageIdSource;
import dev.tally.consume.guard.MessageIdentity;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.Message;

/**
 * Spring's messages, by their headers.
 *
 * @since 0.1
 * @see SpringHeadersIds
 */
@SuppressWarnings("rawtypes")
public final class SpringMessageIds implements MessageIdSource<Message> {

    /** Creates the source. */
    public SpringMessageIds() {}

    @Override
    public Class<Message> type() {
        return Message.class;
    }

    @Override
    public @Nullable MessageIdentity identityOf(Message message) {
        return SpringHeadersIds.of(message.getHeaders());
    }

    @Override
    public String remedy() {
        return SpringHeadersIds.remedyOfAll();
    }
}
