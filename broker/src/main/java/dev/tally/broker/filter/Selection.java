package dev.tally.broker.filter;

import dev.tally.broker.store.MessageStore;
import dev.tally.broker.store.ReadResult;
import java.nio.ByteBuffer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which messages a subscription selects.
 *
 * @param tags by their tag hashes
 * @param payloads by what is in them, {@code null} where the tag says it all
 * @since 0.1
 */
public record Selection(LongPredicate tags, @Nullable Predicate<ByteBuffer> payloads) {

    /** Reads what is selected of a queue, like {@link MessageStore#read}. */
    public ReadResult read(MessageStore store, String topic, int queueId, long offset, int maxMessages, int maxBytes) {
        return payloads == null
                ? store.read(topic, queueId, offset, maxMessages, maxBytes, tags)
                : store.read(topic, queueId, offset, maxMessages, maxBytes, tags, payloads);
    }
}
