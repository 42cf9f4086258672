package dev.tally.broker.engine;

import dev.tally.broker.half.HalfEntry;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.engine.CopiedBody.State;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.ReadResult;
import dev.tally.broker.store.ReadResult.Status;
import dev.tally.broker.store.StoredMessage;
import dev.tally.broker.timer.TimerEntry;
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
            LogRecord record = payloadAt(queue.position(next));
            if (record != null) {
                messages.add(stored(record, next));
            }
        }
        return new ReadResult(messages.isEmpty() ? Status.NO_MATCH : Status.FOUND, messages, next, min, max);
    }

    /** The record that holds a message's payload, wherever it stands now; {@code null} where retention removed it. */
    private @Nullable LogRecord payloadAt(long position) {
        if (position >= log.start()) {
            LogRecord record = log.find(position);
            if (record != null) {
                return record;
            }
        }
        long copy = state.relocations.copyOf(position);
        if (copy >= 0) {
            LogRecord record = log.read(copy);
            CopiedBody body = CopiedBody.decode(record.body());
            return new LogRecord(position, body.originalKind(), body.originalTimestampMillis(), body.original());
        }
        return position < log.start() ? null : log.read(position);
    }

    /**
     * What a copy of a message has to say now; {@code null} where the message is not needed any more.
     *
     * @param queueOffset where it was visible when it was found, {@code -1} where it was not
     */
    @Nullable CopiedBody describeCopy(long position, long queueOffset) {
        LogRecord record = payloadAt(position);
        if (record == null) {
            return null;
        }
        HalfEntry half = state.halves.find(position);
        if (half != null) {
            State undecided = half.state() == HalfState.PARKED ? State.PARKED : State.PREPARED;
            return copyOf(record, undecided, half.checks(), -1, -1, 0, 0);
        }
        TimerEntry delayed = state.timers.entryAt(position);
        if (delayed != null) {
            return copyOf(record, State.SCHEDULED, 0, -1, -1, delayed.dueMillis(), delayed.delayMillis());
        }
        MessageBody body = MessageBody.decode(record.body());
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        if (queue == null) {
            return null;
        }
        long offset = queueOffset >= 0 ? queueOffset : queue.offsetOf(position);
        if (offset < queue.first()) {
            return null;
        }
        long visibleBy = queue.visibleBy(offset);
        return copyOf(record, State.VISIBLE, 0, offset, visibleBy, visibleMillis(position, visibleBy), 0);
    }

    private static CopiedBody copyOf(
            LogRecord record,
            State messageState,
            int checks,
            long queueOffset,
            long visibleBy,
            long atMillis,
            long delayMillis) {
        return new CopiedBody(
                record.position(),
                record.timestampMillis(),
                record.kind(),
                messageState,
                checks,
                queueOffset,
                visibleBy,
                atMillis,
                delayMillis,
                record.body());
    }

    /** When a message became visible: the record that made it so knows, or after its removal the message's copy. */
    private long visibleMillis(long position, long visibleBy) {
        LogRecord record = visibleBy < log.start() ? null : log.find(visibleBy);
        if (record != null) {
            return record.timestampMillis();
        }
        long copy = state.relocations.copyOf(position);
        return copy < 0 ? 0 : CopiedBody.decode(log.read(copy).body()).atMillis();
    }

    private static ReadResult nothing(long offset, long min, long max) {
        Status status =
                offset == max ? Status.AT_END : offset < min ? Status.OFFSET_TOO_SMALL : Status.OFFSET_TOO_LARGE;
        return new ReadResult(status, List.of(), Math.max(min, Math.min(offset, max)), min, max);
    }

    @Nullable StoredMessage messageAt(long position) {
        LogRecord record = position < log.start() ? payloadAt(position) : log.find(position);
        if (record == null || !MESSAGES.contains(record.kind())) {
            return null;
        }
        MessageBody body = MessageBody.decode(record.body());
        return stored(record, visibleOffset(position, body));
    }

    private long visibleOffset(long position, MessageBody body) {
        if (state.halves.isUndecided(position) || state.timers.find(position) != null) {
            return -1;
        }
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        return queue == null ? -1 : queue.offsetOf(position);
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
        long low = queue.first();
        long high = queue.size();
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (visibleMillis(queue.position(middle), queue.visibleBy(middle)) < timestampMillis) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
