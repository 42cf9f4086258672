package dev.tally.broker.engine;

import dev.tally.broker.half.DecidedEntry;
import dev.tally.broker.half.HalfEntry;
import dev.tally.broker.log.LogPoint;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.retention.Relocation;
import dev.tally.broker.snapshot.SnapshotInput;
import dev.tally.broker.snapshot.SnapshotOutput;
import dev.tally.broker.snapshot.SnapshotUnusableException;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.Decision;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.HalfState;
import dev.tally.broker.store.TopicConfig;
import dev.tally.broker.timer.TimerEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.function.Consumer;

/**
 * The content of a snapshot, big-endian, in this order:
 *
 * <pre>
 * u64 magic "TALLYSNP" | u32 version, 1
 * log point     u64 position | u64 sequence | u32 epoch | u64 last position | u32 last checksum | u64 log start
 * counters      u32 count | u64 each
 * topics, groups, queues with their index files and pages, consumer offsets:
 *               u8 tag | u32 count | the entries
 * undecided half messages, remembered decisions (older ones first), delayed messages:
 *               u8 tag | for each entry u8 1 and its fields | u8 0
 * relocations, what is handed out of queues to groups that pop, request modes:
 *               u8 tag | for each entry u8 1 and its fields | u8 0
 * u32 CRC32C    of everything before
 * </pre>
 *
 * <p>A name is written once, with its number; later its number is enough.
 */
final class StoreSnapshot {

    private static final long MAGIC = 0x54414C4C59534E50L;
    private static final int VERSION = 2;

    private static final int TOPICS = 1;
    private static final int GROUPS = 2;
    private static final int QUEUES = 3;
    private static final int OFFSETS = 4;
    private static final int HALVES = 5;
    private static final int DECISIONS = 6;
    private static final int SCHEDULED = 7;
    private static final int RELOCATIONS = 8;
    private static final int POPS = 10;
    private static final int REQUEST_MODES = 11;
    private static final int END = 9;

    private final StoreState state;

    StoreSnapshot(StoreState state) {
        this.state = state;
    }

    void writeTo(SnapshotOutput out, LogPoint point) throws IOException {
        out.putLong(MAGIC);
        out.putInt(VERSION);
        write(out, point);
        writeCounters(out);
        out.putByte(TOPICS);
        writeTopics(out);
        out.putByte(GROUPS);
        writeGroups(out);
        out.putByte(QUEUES);
        state.queues.writeTo(out);
        out.putByte(OFFSETS);
        writeOffsets(out);
        out.putByte(HALVES);
        writeAll(state.halves::forEach, out, StoreSnapshot::write);
        out.putByte(DECISIONS);
        writeAll(state.halves::forEachDecided, out, StoreSnapshot::write);
        out.putByte(SCHEDULED);
        writeAll(state.timers::forEach, out, StoreSnapshot::write);
        out.putByte(RELOCATIONS);
        writeAll(state.relocations::forEach, out, StoreSnapshot::write);
        PopSnapshot pops = new PopSnapshot();
        out.putByte(POPS);
        writeAll(state.pops::forEach, out, pops::write);
        out.putByte(REQUEST_MODES);
        writeAll(state.requestModes.values()::forEach, out, pops::write);
        out.putByte(END);
    }

    /** Fills an empty state, and returns the place in the log up to which it is the log's. */
    LogPoint readFrom(SnapshotInput in) throws IOException {
        if (in.getLong() != MAGIC) {
            throw new SnapshotUnusableException("it does not begin like a snapshot");
        }
        int version = in.getInt();
        if (version != VERSION) {
            throw new SnapshotUnusableException("it is of version " + version + " instead of " + VERSION);
        }
        LogPoint point = new LogPoint(in.getLong(), in.getLong(), in.getInt(), in.getLong(), in.getInt(), in.getLong());
        long[] counters = new long[in.getInt()];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = in.getLong();
        }
        state.counters.set(counters);
        require(in, TOPICS);
        for (int left = in.getInt(); left > 0; left--) {
            TopicConfig topic = new TopicConfig(in.getName(), in.getInt(), in.getInt(), in.getInt(), in.getInt());
            TopicConfig optioned = SmallBodies.withOptions(topic, in.getByte());
            state.topic(TopicAttributes.read(optioned, in.getName()));
        }
        require(in, GROUPS);
        for (int left = in.getInt(); left > 0; left--) {
            state.group(new GroupConfig(in.getName(), in.getByte() == 1, in.getInt(), in.getInt(), in.getName()));
        }
        require(in, QUEUES);
        state.queues.readFrom(in);
        require(in, OFFSETS);
        for (int left = in.getInt(); left > 0; left--) {
            state.offsets.set(new CommittedOffset(in.getName(), in.getName(), in.getInt(), in.getLong()));
        }
        require(in, HALVES);
        while (in.getByte() == 1) {
            state.halves.restore(readHalf(in));
        }
        require(in, DECISIONS);
        while (in.getByte() == 1) {
            state.halves.restore(readDecision(in));
        }
        require(in, SCHEDULED);
        while (in.getByte() == 1) {
            state.timers.restore(new TimerEntry(readMessage(in), in.getLong(), in.getLong()));
        }
        require(in, RELOCATIONS);
        while (in.getByte() == 1) {
            state.relocations.put(in.getLong(), in.getLong());
        }
        PopSnapshot pops = new PopSnapshot();
        require(in, POPS);
        while (in.getByte() == 1) {
            state.pops.restore(pops.readQueue(in));
        }
        require(in, REQUEST_MODES);
        while (in.getByte() == 1) {
            state.requestMode(pops.readMode(in));
        }
        require(in, END);
        return point;
    }

    private static void require(SnapshotInput in, int tag) throws IOException {
        int found = in.getByte();
        if (found != tag) {
            throw new SnapshotUnusableException("section " + found + " stands where section " + tag + " must");
        }
    }

    private interface EntryWriter<T> {
        void write(SnapshotOutput out, T entry) throws IOException;
    }

    private static <T> void writeAll(Consumer<Consumer<T>> visit, SnapshotOutput out, EntryWriter<T> writer)
            throws IOException {
        try {
            visit.accept(entry -> {
                try {
                    out.putByte(1);
                    writer.write(out, entry);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        out.putByte(0);
    }

    private static void write(SnapshotOutput out, LogPoint point) throws IOException {
        out.putLong(point.position());
        out.putLong(point.sequence());
        out.putInt(point.epoch());
        out.putLong(point.lastPosition());
        out.putInt(point.lastChecksum());
        out.putLong(point.start());
    }

    private void writeCounters(SnapshotOutput out) throws IOException {
        long[] counters = state.counters.values();
        out.putInt(counters.length);
        for (long counter : counters) {
            out.putLong(counter);
        }
    }

    private static void write(SnapshotOutput out, Relocation relocation) throws IOException {
        out.putLong(relocation.position());
        out.putLong(relocation.copy());
    }

    private void writeTopics(SnapshotOutput out) throws IOException {
        Collection<TopicConfig> topics = state.topics.values();
        out.putInt(topics.size());
        for (TopicConfig topic : topics) {
            out.putName(topic.name());
            out.putInt(topic.readQueues());
            out.putInt(topic.writeQueues());
            out.putInt(topic.perm());
            out.putInt(topic.sysFlag());
            out.putByte(SmallBodies.options(topic));
            out.putName(TopicAttributes.text(topic));
        }
    }

    private void writeGroups(SnapshotOutput out) throws IOException {
        Collection<GroupConfig> groups = state.groups.values();
        out.putInt(groups.size());
        for (GroupConfig group : groups) {
            out.putName(group.name());
            out.putByte(group.consumeEnabled() ? 1 : 0);
            out.putInt(group.retryQueues());
            out.putInt(group.maxReconsume());
            out.putName(group.more());
        }
    }

    private void writeOffsets(SnapshotOutput out) throws IOException {
        Collection<CommittedOffset> offsets = state.offsets.all();
        out.putInt(offsets.size());
        for (CommittedOffset offset : offsets) {
            out.putName(offset.group());
            out.putName(offset.topic());
            out.putInt(offset.queueId());
            out.putLong(offset.offset());
        }
    }

    private static void write(SnapshotOutput out, MessageRef message) throws IOException {
        out.putName(message.queue().topic());
        out.putInt(message.queue().queueId());
        out.putLong(message.position());
        out.putInt(message.payloadBytes());
        out.putLong(message.tagsHash());
    }

    private MessageRef readMessage(SnapshotInput in) throws IOException {
        QueueIndex queue = state.queues.obtain(in.getName(), in.getInt());
        return new MessageRef(queue, in.getLong(), in.getInt(), in.getLong());
    }

    private static void write(SnapshotOutput out, HalfEntry half) throws IOException {
        write(out, half.message());
        out.putName(half.producerGroup());
        out.putInt(half.keyHash());
        out.putLong(half.preparedAtMillis());
        out.putLong(half.delayMillis());
        out.putLong(half.immunityMillis());
        out.putByte(half.state() == HalfState.PARKED ? 1 : 0);
        out.putInt(half.checks());
    }

    private HalfEntry readHalf(SnapshotInput in) throws IOException {
        return new HalfEntry(
                readMessage(in),
                in.getName(),
                in.getInt(),
                in.getLong(),
                in.getLong(),
                in.getLong(),
                in.getByte() == 1 ? HalfState.PARKED : HalfState.PREPARED,
                in.getInt());
    }

    private static void write(SnapshotOutput out, DecidedEntry decided) throws IOException {
        out.putLong(decided.position());
        out.putName(decided.producerGroup());
        out.putByte(decided.decision() == Decision.COMMIT ? 1 : 0);
        out.putLong(decided.queueOffset());
    }

    private static DecidedEntry readDecision(SnapshotInput in) throws IOException {
        return new DecidedEntry(
                in.getLong(), in.getName(), in.getByte() == 1 ? Decision.COMMIT : Decision.ROLLBACK, in.getLong());
    }

    private static void write(SnapshotOutput out, TimerEntry timer) throws IOException {
        write(out, timer.message());
        out.putLong(timer.delayMillis());
        out.putLong(timer.dueMillis());
    }
}
