package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.store.NewHalf;
import dev.tally.broker.store.NewMessage;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of the records that hold a payload: MESSAGE, HALF and SCHEDULED.
 *
 * <pre>
 * i64 queue offset of a MESSAGE, -1 of the others | u64 tags hash | u32 queue | u64 delay ms | i64 immunity ms, -1 for the default
 * text topic | text producer group | text transaction id | payload up to the end
 * </pre>
 */
record MessageBody(
        long queueOffset,
        String topic,
        int queueId,
        long tagsHash,
        long delayMillis,
        @Nullable Duration immunity,
        String producerGroup,
        String transactionId,
        ByteBuffer payload) {

    /** Further away than any use, and near enough that nanoseconds do not overflow. */
    private static final Duration MAX_DELAY = Duration.ofDays(36_500);

    private static final long NO_OFFSET = -1;
    private static final int FIXED = 4 * Long.BYTES + Integer.BYTES;

    static MessageBody of(NewMessage message) {
        return of(message, "", "", null);
    }

    static MessageBody of(NewHalf half) {
        return of(half.message(), half.producerGroup(), half.transactionId(), half.immunity());
    }

    private static MessageBody of(
            NewMessage message, String producerGroup, String transactionId, @Nullable Duration immunity) {
        if (message.queueId() < 0) {
            throw new IllegalArgumentException(
                    "Cannot store a message for queue " + message.queueId() + " of topic " + message.topic());
        }
        requireBounded("delay", message.delay());
        if (immunity != null) {
            requireBounded("immunity", immunity);
        }
        return new MessageBody(
                NO_OFFSET,
                message.topic(),
                message.queueId(),
                message.tagsHash(),
                message.delay().toMillis(),
                immunity,
                producerGroup,
                transactionId,
                message.payload().slice());
    }

    private static void requireBounded(String what, Duration duration) {
        if (duration.isNegative() || duration.compareTo(MAX_DELAY) > 0) {
            throw new IllegalArgumentException("Cannot store a message with a " + what + " of " + duration);
        }
    }

    /** Its record; {@link #assign} sets the queue offset of a MESSAGE later. */
    RecordDraft draft(RecordKind kind) {
        byte[] topicBytes = Text.encode("topic", topic);
        byte[] groupBytes = Text.encode("producer group", producerGroup);
        byte[] transactionBytes = Text.encode("transaction id", transactionId);
        ByteBuffer head = ByteBuffer.allocate(
                FIXED + Text.size(topicBytes) + Text.size(groupBytes) + Text.size(transactionBytes));
        head.putLong(queueOffset).putLong(tagsHash).putInt(queueId).putLong(delayMillis);
        head.putLong(immunity == null ? -1 : immunity.toMillis());
        Text.put(head, topicBytes);
        Text.put(head, groupBytes);
        Text.put(head, transactionBytes);
        return new RecordDraft(kind, head.flip(), payload);
    }

    MessageBody withQueueOffset(long assigned) {
        return new MessageBody(
                assigned, topic, queueId, tagsHash, delayMillis, immunity, producerGroup, transactionId, payload);
    }

    /** Sets the queue offset in a draft of this body, before it is written. */
    static void assign(RecordDraft draft, long queueOffset) {
        draft.head().putLong(0, queueOffset);
    }

    static MessageBody decode(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        long queueOffset = body.getLong();
        long tagsHash = body.getLong();
        int queueId = body.getInt();
        long delayMillis = body.getLong();
        long immunityMillis = body.getLong();
        return new MessageBody(
                queueOffset,
                Text.get(body),
                queueId,
                tagsHash,
                delayMillis,
                immunityMillis < 0 ? null : Duration.ofMillis(immunityMillis),
                Text.get(body),
                Text.get(body),
                body.slice());
    }
}
