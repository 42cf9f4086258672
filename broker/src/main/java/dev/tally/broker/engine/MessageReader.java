package dev.tally.broker.engine;

import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueuePage;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.ReadResult.Status;
import dev.tally.broker.store.StoredMessage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Reads messages: which by the queue's index, what from the log. */
final class MessageReader {

    /** How many messages one read looks at: a filter that refuses everything must not hold its caller for long. */
    private static final int MAX_LOOKED_AT = 16_384;

    /** The same where the messages themselves are read. */
    private static final int MAX_LOOKED_INTO = 1024;

    private static final int MAX_LOOKED_INTO_BYTES = 2 * 1024 * 1024;

    private final StoreState state;
    private final Payloads payloads;

    MessageReader(CommitLog log, StoreState state) {
        this.state = state;
        this.payloads = new Payloads(log, state);
    }

    Payloads payloads() {
        return payloads;
    }

    ReadResult read(
            String topic,
            int queueId,
            long offset,
            int maxMessages,
            int maxBytes,
            LongPredicate tagFilter,
            @Nullable Predicate<ByteBuffer> payloadFilter) {
        QueueIndex queue = state.queues.find(topic, queueId);
        long min = queue == null ? 0 : queue.first();
        long max = queue == null ? 0 : queue.next();
        if (queue == null || offset < min || offset >= max) {
            return nothing(offset, min, max);
        }
        List<StoredMessage> messages = new ArrayList<>();
        long bytes = 0;
        int lookedInto = 0;
        long lookedIntoBytes = 0;
        long next = offset;
        long end = Math.min(max, offset + MAX_LOOKED_AT);
        QueuePage page = null;
        for (; next < end && messages.size() < maxMessages; next++) {
            if (page == null || next >= page.end()) {
                page = queue.page(next);
            }
            if (page == null) {
                // Retention passed by while this read was under way.
                break;
            }
            if (page.isEmpty(next) || !tagFilter.test(page.tagsHash(next))) {
                continue;
            }
            int size = page.payloadBytes(next);
            boolean full = !messages.isEmpty() && bytes + size > maxBytes;
            if (full || lookedInto >= MAX_LOOKED_INTO || lookedIntoBytes >= MAX_LOOKED_INTO_BYTES) {
                break;
            }
            LogRecord record = payloads.read(page.position(next));
            StoredMessage message = record == null ? null : stored(record, next, page.visibleBy(next));
            if (payloadFilter != null) {
                lookedInto++;
                lookedIntoBytes += size;
            }
            if (message != null && (payloadFilter == null || payloadFilter.test(message.payload()))) {
                messages.add(message);
                bytes += size;
            }
        }
        return new ReadResult(messages.isEmpty() ? Status.NO_MATCH : Status.FOUND, messages, next, min, max);
    }

    private static ReadResult nothing(long offset, long min, long max) {
        Status status =
                offset == max ? Status.AT_END : offset < min ? Status.OFFSET_TOO_SMALL : Status.OFFSET_TOO_LARGE;
        return new ReadResult(status, List.of(), Math.max(min, Math.min(offset, max)), min, max);
    }

    @Nullable StoredMessage messageAt(long position) {
        LogRecord record = payloads.find(position);
        if (record == null) {
            return null;
        }
        MessageBody body = payloads.message(record);
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        long offset = queue == null ? -1 : visibleOffset(queue, position, body);
        QueuePage page = queue == null ? null : queue.page(offset);
        return stored(record, page == null ? -1 : offset, page == null ? -1 : page.visibleBy(offset));
    }

    /** The body of the message record at a position, {@code null} where none stands there. */
    @Nullable MessageBody bodyAt(long position) {
        LogRecord record = payloads.find(position);
        return record == null ? null : payloads.message(record);
    }

    /** Whether a message stands at a position and is visible. */
    boolean isVisible(long position) {
        StoredMessage message = messageAt(position);
        return message != null && message.queueOffset() >= 0;
    }

    private long visibleOffset(QueueIndex queue, long position, MessageBody body) {
        if (state.halves.isUndecided(position) || state.timers.find(position) != null) {
            return -1;
        }
        long known = body.queueOffset();
        if (known >= 0) {
            return known >= queue.first() && known < queue.next() ? known : -1;
        }
        return queue.offsetOf(position);
    }

    private StoredMessage stored(LogRecord record, long queueOffset, long visibleBy) {
        MessageBody body = payloads.message(record);
        return new StoredMessage(
                body.topic(),
                body.queueId(),
                record.position(),
                queueOffset,
                body.tagsHash(),
                record.timestampMillis(),
                record.kind() == RecordKind.HALF,
                queueOffset < 0 ? 0 : payloads.lateMillis(record.position(), visibleBy, body),
                body.payload());
    }

    long offsetByTime(String topic, int queueId, long timestampMillis) {
        QueueIndex queue = state.queues.find(topic, queueId);
        if (queue == null) {
            return 0;
        }
        return queue.search((position, visibleBy) -> payloads.visibleMillis(position, visibleBy) < timestampMillis);
    }
}
