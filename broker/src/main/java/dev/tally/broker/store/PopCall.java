package dev.tally.broker.store;

import java.nio.ByteBuffer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer wants to pop.
 *
 * @param group its group
 * @param topic the topic
 * @param queueId the queue
 * @param fromFirst where a group without progress begins: at the queue's first message, or at its last one where the
 *     queue has lost its beginning
 * @param maxMessages upper bound of messages
 * @param maxBytes soft upper bound of payload bytes
 * @param atMillis when it was asked for, by the broker's wall clock
 * @param invisibleMillis how long nobody else of the group gets them, above 0
 * @param ordered whether nothing is handed out while a message before is with a consumer, and what is not acknowledged
 *     comes again in its place
 * @param attemptId a name by which an ordered pop is repeated whose answer was lost, empty for none
 * @param tagFilter asked with each message's tag hash
 * @param payloadFilter asked with the payload of what passed the tag filter, {@code null} where the tag says it all
 * @since 0.1
 */
public record PopCall(
        String group,
        String topic,
        int queueId,
        boolean fromFirst,
        int maxMessages,
        int maxBytes,
        long atMillis,
        long invisibleMillis,
        boolean ordered,
        String attemptId,
        LongPredicate tagFilter,
        @Nullable Predicate<ByteBuffer> payloadFilter) {}
