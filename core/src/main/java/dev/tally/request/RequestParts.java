package dev.tally.request;

import dev.tally.consume.ConsumeListener;
import dev.tally.consume.InboxStore;
import dev.tally.jdbc.BoundedLockWait;
import dev.tally.reply.ReplyStore;
import java.time.InstantSource;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.interceptor.TransactionAttributeSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * What idempotent requests work with.
 *
 * @param inbox on the data source of {@code transactions}
 * @param replies there as well
 * @param transactions the handlers' transactions
 * @param attributes what handlers' own {@code @Transactional} says
 * @param jdbc on that data source
 * @param lockWait how long a request waits for one with its key that another process handles
 * @param scope tells apart whose keys they are
 * @param mapper writes problems and the headers of replies
 * @param clock times handlers for {@code listener}
 * @param listener told what became of requests; the topic is their method and path pattern
 * @param largestBody of requests and replies, in bytes: both are held in memory
 * @since 0.1
 */
public record RequestParts(
        InboxStore inbox,
        ReplyStore replies,
        PlatformTransactionManager transactions,
        TransactionAttributeSource attributes,
        JdbcOperations jdbc,
        BoundedLockWait lockWait,
        RequestKeyScope scope,
        JsonMapper mapper,
        InstantSource clock,
        ConsumeListener listener,
        int largestBody) {}
