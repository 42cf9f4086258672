package dev.tally.broker.engine;

import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.ReadResult.Status;
import dev.tally.broker.store.StoredMessage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** Reads messages: which by the queue's index, what from the log. */
final class MessageReader {

    /** How many messages one read looks at: a filter that refuses everything must not hold its caller for long. */
    private static final int MAX_LOOKED_AT = 16_384;

    private static final Set<RecordKind> MESSAGES =
            EnumSet.of(RecordKind.MESSAGE, RecordKind.HALF, RecordKind.SCHEDULED);

    private final CommitLog log;
    private final StoreState state;

    MessageReader(CommitLog log, StoreState state) {
        this.log = log;
        this.state = state;
    }

    ReadResult read(String topic, int queueId, long offset, int maxMessages, int maxBytes, LongPredicate tagFilter) {
        QueueIndex queue = state.queues.find(topic, queueId);
        long min = queue == null ? 0 : queue.first();
        long max = queue == null ? 0 : queue.size();
        if (queue == null || offset < min || offset >= max) {
            return nothing(offset, min, max);
        }
        List<StoredMessage> messages = new ArrayList<>();
        long bytes = 0;
        long next = offset;
        long end = Math.min(max, offset + MAX_LOOKED_AT);
        for (; next < end && messages.size() < maxMessages; next++) {
            if (!tagFilter.test(queue.tagsHash(next))) {
                continue;
            }
            bytes += queue.payloadBytes(next);
            if (!messages.isEmpty() && bytes > maxBytes) {
                break;
            }
            messages.add(visible(queue, next));
        }
        return new ReadResult(messages.isEmpty() ? Status.NO_MATCH : Status.FOUND, messages, next, min, max);
    }

    private static ReadResult nothing(long offset, long min, long max) {
        Status status =
                offset == max ? Status.AT_END : offset < min ? Status.OFFSET_TOO_SMALL : Status.OFFSET_TOO_LARGE;
        return new ReadResult(status, List.of(), Math.max(min, Math.min(offset, max)), min, max);
    }

    @Nullable StoredMessage messageAt(long position) {
        LogRecord record = log.find(position);
        if (record == null || !MESSAGES.contains(record.kind())) {
            return null;
        }
        MessageBody body = MessageBody.decode(record.body());
        long offset = visibleOffset(position, body);
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        return stored(record, body, offset, queue == null ? 0 : lateMillis(queue, offset, body));
    }

    /** The body of the message record at a position, {@code null} where none stands there. */
    @Nullable MessageBody bodyAt(long position) {
        LogRecord record = log.find(position);
        return record == null || !MESSAGES.contains(record.kind()) ? null : MessageBody.decode(record.body());
    }

    /** Whether a message stands at a position and is visible. */
    boolean isVisible(long position) {
        StoredMessage message = messageAt(position);
        return message != null && message.queueOffset() >= 0;
    }

    private StoredMessage visible(QueueIndex queue, long offset) {
        LogRecord record = log.read(queue.position(offset));
        MessageBody body = MessageBody.decode(record.body());
        return stored(record, body, offset, lateMillis(queue, offset, body));
    }

    private long lateMillis(QueueIndex queue, long offset, MessageBody body) {
        if (offset < 0 || body.delayMillis() == 0) {
            return 0;
        }
        LogRecord visibleBy = log.find(queue.visibleBy(offset));
        return visibleBy == null || visibleBy.kind() != RecordKind.TIMER_FIRED
                ? 0
                : SmallBodies.Fired.decode(visibleBy.body()).lateMillis();
    }

    private long visibleOffset(long position, MessageBody body) {
        if (state.halves.isUndecided(position) || state.timers.find(position) != null) {
            return -1;
        }
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        return queue == null ? -1 : queue.offsetOf(position);
    }

    private static StoredMessage stored(LogRecord record, MessageBody body, long queueOffset, long lateMillis) {
        return new StoredMessage(
                body.topic(),
                body.queueId(),
                record.position(),
                queueOffset,
                body.tagsHash(),
                record.timestampMillis(),
                record.kind() == RecordKind.HALF,
                lateMillis,
                body.payload());
    }

    long offsetByTime(String topic, int queueId, long timestampMillis) {
        QueueIndex queue = state.queues.find(topic, queueId);
        if (queue == null) {
            return 0;
        }
        long low = queue.first();
        long high = queue.size();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (log.read(queue.visibleBy(middle)).timestampMillis() < timestampMillis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
