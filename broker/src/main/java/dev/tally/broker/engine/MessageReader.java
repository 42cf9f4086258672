package dev.tally.broker.engine;

import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueuePage;
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
        long max = queue == null ? 0 : queue.next();
        if (queue == null || offset < min || offset >= max) {
            return nothing(offset, min, max);
        }
        List<StoredMessage> messages = new ArrayList<>();
        long bytes = 0;
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
            bytes += page.payloadBytes(next);
            if (!messages.isEmpty() && bytes > maxBytes) {
                break;
            }
            messages.add(stored(log.read(page.position(next)), next));
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
        return stored(record, visibleOffset(position, body));
    }

    private long visibleOffset(long position, MessageBody body) {
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        if (queue == null || state.halves.isUndecided(position) || state.timers.find(position) != null) {
            return -1;
        }
        long known = body.queueOffset();
        if (known >= 0) {
            return known >= queue.first() && known < queue.next() ? known : -1;
        }
        return queue.offsetOf(position);
    }

    private static StoredMessage stored(LogRecord record, long queueOffset) {
        MessageBody body = MessageBody.decode(record.body());
        return new StoredMessage(
                body.topic(),
                body.queueId(),
                record.position(),
                queueOffset,
                body.tagsHash(),
                record.timestampMillis(),
                record.kind() == RecordKind.HALF,
                body.payload());
    }

    long offsetByTime(String topic, int queueId, long timestampMillis) {
        QueueIndex queue = state.queues.find(topic, queueId);
        if (queue == null) {
            return 0;
        }
        return queue.search(visibleBy -> log.read(visibleBy).timestampMillis() < timestampMillis);
    }
}
