package dev.tally.consume.guard;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.InboxStore;
import dev.tally.reply.ReplyStore;
import java.time.InstantSource;
import java.util.List;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * What guards work with.
 *
 * @param inbox on the data source of {@code transactions}
 * @param replies there as well
 * @param transactions the guarded methods' transactions
 * @param attributes what their {@code @Transactional} says
 * @param mapper writes and reads what they return
 * @param clock times them for {@code listener}
 * @param listener told what became of messages
 * @param sources know the ids of messages, those that are asked first in front
 * @since 0.1
 */
public record GuardParts(
        InboxStore inbox,
        ReplyStore replies,
        PlatformTransactionManager transactions,
        TransactionAttributeSource attributes,
        JsonMapper mapper,
        InstantSource clock,
        ConsumeListener listener,
        List<MessageIdSource<?>> sources) {

    /** Creates the parts. */
    public GuardParts {
        sources = List.copyOf(sources);
    }
}
