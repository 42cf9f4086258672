package dev.tally.broker.engine;

import dev.tally.broker.engine.CopiedBody.State;
import dev.tally.broker.half.HalfEntry;
import dev.tally.broker.log.CommitLog;
import dev.tally.broker.log.LogCorruptedException;
import dev.tally.broker.log.LogRecord;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.queue.QueuePage;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.timer.TimerEntry;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the records that hold messages, wherever they stand by now, and what is known of when they became visible. */
final class Payloads {

    private static final Set<RecordKind> MESSAGES =
            EnumSet.of(RecordKind.MESSAGE, RecordKind.HALF, RecordKind.SCHEDULED);

    private final CommitLog log;
    private final StoreState state;

    Payloads(CommitLog log, StoreState state) {
        this.log = log;
        this.state = state;
    }

    /** The message record that was first written at any position, {@code null} where none was or it is gone. */
    @Nullable LogRecord find(long position) {
        LogRecord record = position < log.start() ? null : log.find(position);
        if (record == null) {
            CopiedBody copy = copyOf(position);
            return copy == null
                    ? null
                    : new LogRecord(position, copy.originalKind(), copy.originalTimestampMillis(), copy.original());
        }
        return MESSAGES.contains(record.kind()) ? record : null;
    }

    /** The message record that an index names, {@code null} where retention removed it meanwhile. */
    @Nullable LogRecord read(long position) {
        LogRecord record = find(position);
        // Where it ought to be and is not, reading it says what is wrong.
        return record == null && position >= log.start() ? log.read(position) : record;
    }

    /** What a message record says. */
    MessageBody message(LogRecord record) {
        return decoded(record, MessageBody::decode);
    }

    /** A record with the right checksum that cannot be decoded was written wrong, and is damage like any other. */
    private <T> T decoded(LogRecord record, Function<ByteBuffer, T> decoder) {
        try {
            return decoder.apply(record.body());
        } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
            long copy = state.relocations.copyOf(record.position());
            LogCorruptedException corrupted = log.corrupted(
                    copy < 0 ? record.position() : copy, "a record " + record.kind() + " that says nothing sensible");
            corrupted.initCause(e);
            throw corrupted;
        }
    }

    private @Nullable CopiedBody copyOf(long position) {
        long copy = state.relocations.copyOf(position);
        return copy < 0 ? null : decoded(log.read(copy), CopiedBody::decode);
    }

    /** When a message became visible: the record that made it so knows, or after its removal the message's copy. */
    long visibleMillis(long position, long visibleBy) {
        LogRecord record = visibleBy < log.start() ? null : log.find(visibleBy);
        if (record != null) {
            return record.timestampMillis();
        }
        CopiedBody copy = copyOf(position);
        return copy == null ? 0 : copy.atMillis();
    }

    /** How long after its time a delayed message became visible, 0 for any other. */
    long lateMillis(long position, long visibleBy, MessageBody body) {
        if (body.delayMillis() == 0) {
            return 0;
        }
        LogRecord record = visibleBy < log.start() ? null : log.find(visibleBy);
        if (record != null) {
            return record.kind() == RecordKind.TIMER_FIRED
                    ? decoded(record, SmallBodies.Fired::decode).lateMillis()
                    : 0;
        }
        CopiedBody copy = copyOf(position);
        return copy == null ? 0 : copy.delayMillis();
    }

    /**
     * What a copy of a message has to say now; {@code null} where the message is not needed any more.
     *
     * @param queueOffset where it was visible when it was found, {@code -1} where it was not
     */
    @Nullable CopiedBody describe(long position, long queueOffset) {
        LogRecord record = read(position);
        if (record == null) {
            return null;
        }
        HalfEntry half = state.halves.find(position);
        if (half != null) {
            State undecided = half.state() == HalfState.PARKED ? State.PARKED : State.PREPARED;
            return describe(record, undecided, half.checks(), -1, -1, 0, 0);
        }
        TimerEntry delayed = state.timers.entryAt(position);
        if (delayed != null) {
            return describe(record, State.SCHEDULED, 0, -1, -1, delayed.dueMillis(), delayed.delayMillis());
        }
        MessageBody body = message(record);
        QueueIndex queue = state.queues.find(body.topic(), body.queueId());
        if (queue == null) {
            return null;
        }
        long offset = queueOffset >= 0 ? queueOffset : queue.offsetOf(position);
        QueuePage page = queue.page(offset);
        if (page == null || page.position(offset) != position) {
            return null;
        }
        long visibleBy = page.visibleBy(offset);
        return describe(
                record,
                State.VISIBLE,
                0,
                offset,
                visibleBy,
                visibleMillis(position, visibleBy),
                lateMillis(position, visibleBy, body));
    }

    private static CopiedBody describe(
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
}
