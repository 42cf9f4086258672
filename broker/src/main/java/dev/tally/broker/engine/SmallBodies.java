package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.store.CommittedOffset;
import dev.tally.broker.store.FlushMode;
import dev.tally.broker.store.GroupConfig;
import dev.tally.broker.store.TopicConfig;
import java.nio.ByteBuffer;

/**
 * The bodies of the small records.
 *
 * <pre>
 * PARKED           u64 position of the half message | u32 checks delivered
 * TIMER_FIRED      u64 position of the payload | i64 queue offset | i64 how many ms after its time
 * CANCELLED        u64 position of the payload
 * CONSUMER_OFFSET  u64 offset | u32 queue | text group | text topic
 * TOPIC            u32 read queues | u32 write queues | u32 perm | u32 sys flag | text name | u8 options
 * TOPIC_DELETED    u8 0 | text name
 * GROUP_DELETED    u8 offsets as well | text name
 * GROUP            u8 consume enabled | u32 retry queues | u32 max reconsume | text name
 * </pre>
 *
 * <p>A topic's options are bits: 1 for asynchronous flush; 2 for keeping what is not consumed and 4 for not keeping it,
 * neither where the topic leaves that to the store.
 */
final class SmallBodies {

    private static final int ASYNC = 1;
    private static final int KEEP = 2;
    private static final int MAY_GO = 4;
    private static final int ORDER = 8;

    private SmallBodies() {}

    /** A half message was parked after that many checks, or asked about again from the beginning. */
    record Parked(long halfPosition, int checks) {

        private static final int RESUMED = -1;

        static Parked resumed(long halfPosition) {
            return new Parked(halfPosition, RESUMED);
        }

        boolean isResumed() {
            return checks == RESUMED;
        }

        RecordDraft draft() {
            ByteBuffer body = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
            body.putLong(halfPosition).putInt(checks);
            return new RecordDraft(RecordKind.PARKED, body.flip());
        }

        static Parked decode(ByteBuffer record) {
            return new Parked(record.getLong(0), record.getInt(Long.BYTES));
        }
    }

    record Fired(long payloadPosition, long queueOffset, long lateMillis) {

        RecordDraft draft() {
            ByteBuffer body = ByteBuffer.allocate(3 * Long.BYTES);
            body.putLong(payloadPosition).putLong(queueOffset).putLong(lateMillis);
            return new RecordDraft(RecordKind.TIMER_FIRED, body.flip());
        }

        static Fired decode(ByteBuffer record) {
            return new Fired(record.getLong(0), record.getLong(Long.BYTES), record.getLong(2 * Long.BYTES));
        }
    }

    record Cancelled(long payloadPosition) {

        RecordDraft draft() {
            return new RecordDraft(
                    RecordKind.CANCELLED,
                    ByteBuffer.allocate(Long.BYTES).putLong(payloadPosition).flip());
        }

        static Cancelled decode(ByteBuffer record) {
            return new Cancelled(record.getLong(0));
        }
    }

    record QueueBounds(String topic, int queueId, long first, long next) {

        RecordDraft draft() {
            byte[] name = Text.encode("topic", topic);
            ByteBuffer body = ByteBuffer.allocate(2 * Long.BYTES + Integer.BYTES + Text.size(name));
            body.putLong(first).putLong(next).putInt(queueId);
            Text.put(body, name);
            return new RecordDraft(RecordKind.QUEUE, body.flip());
        }

        static QueueBounds decode(ByteBuffer record) {
            ByteBuffer body = record.duplicate();
            long first = body.getLong();
            long next = body.getLong();
            int queueId = body.getInt();
            return new QueueBounds(Text.get(body), queueId, first, next);
        }
    }

    static RecordDraft draft(long[] counters) {
        ByteBuffer body = ByteBuffer.allocate(counters.length * Long.BYTES);
        for (long counter : counters) {
            body.putLong(counter);
        }
        return new RecordDraft(RecordKind.COUNTERS, body.flip());
    }

    static long[] decodeCounters(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        long[] counters = new long[body.remaining() / Long.BYTES];
        for (int i = 0; i < counters.length; i++) {
            counters[i] = body.getLong();
        }
        return counters;
    }

    record Deleted(String name, boolean offsets) {

        RecordDraft draft(RecordKind kind) {
            byte[] encoded = Text.encode("name", name);
            ByteBuffer body = ByteBuffer.allocate(1 + Text.size(encoded));
            body.put((byte) (offsets ? 1 : 0));
            Text.put(body, encoded);
            return new RecordDraft(kind, body.flip());
        }

        static Deleted decode(ByteBuffer record) {
            ByteBuffer body = record.duplicate();
            boolean offsets = body.get() == 1;
            return new Deleted(Text.get(body), offsets);
        }
    }

    static RecordDraft draft(CommittedOffset offset) {
        byte[] group = Text.encode("group", offset.group());
        byte[] topic = Text.encode("topic", offset.topic());
        ByteBuffer body = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + Text.size(group) + Text.size(topic));
        body.putLong(offset.offset()).putInt(offset.queueId());
        Text.put(body, group);
        Text.put(body, topic);
        return new RecordDraft(RecordKind.CONSUMER_OFFSET, body.flip());
    }

    static CommittedOffset decodeOffset(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        long offset = body.getLong();
        int queueId = body.getInt();
        return new CommittedOffset(Text.get(body), Text.get(body), queueId, offset);
    }

    static RecordDraft draft(TopicConfig topic) {
        byte[] name = Text.encode("topic", topic.name());
        byte[] attributes = Text.encode("topic's attributes", TopicAttributes.text(topic));
        ByteBuffer body = ByteBuffer.allocate(4 * Integer.BYTES + Text.size(name) + 1 + Text.size(attributes));
        body.putInt(topic.readQueues())
                .putInt(topic.writeQueues())
                .putInt(topic.perm())
                .putInt(topic.sysFlag());
        Text.put(body, name);
        body.put((byte) options(topic));
        Text.put(body, attributes);
        return new RecordDraft(RecordKind.TOPIC, body.flip());
    }

    static TopicConfig decodeTopic(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        int readQueues = body.getInt();
        int writeQueues = body.getInt();
        int perm = body.getInt();
        int sysFlag = body.getInt();
        String name = Text.get(body);
        TopicConfig topic = withOptions(
                new TopicConfig(name, readQueues, writeQueues, perm, sysFlag), body.hasRemaining() ? body.get() : 0);
        return body.hasRemaining() ? TopicAttributes.read(topic, Text.get(body)) : topic;
    }

    /** What a topic says beside its numbers, as bits. */
    static int options(TopicConfig topic) {
        Boolean keep = topic.keepUnconsumed();
        return (topic.flush() == FlushMode.ASYNC ? ASYNC : 0)
                | (keep == null ? 0 : keep ? KEEP : MAY_GO)
                | (topic.order() ? ORDER : 0);
    }

    static TopicConfig withOptions(TopicConfig topic, int options) {
        Boolean keep = (options & (KEEP | MAY_GO)) == 0 ? null : (options & KEEP) != 0;
        return topic.withFlush((options & ASYNC) != 0 ? FlushMode.ASYNC : FlushMode.SYNC)
                .withKeepUnconsumed(keep)
                .withOrder((options & ORDER) != 0);
    }

    static RecordDraft draft(GroupConfig group) {
        byte[] name = Text.encode("group", group.name());
        byte[] more = Text.encode("group's settings", group.more());
        ByteBuffer body = ByteBuffer.allocate(1 + 2 * Integer.BYTES + Text.size(name) + Text.size(more));
        body.put((byte) (group.consumeEnabled() ? 1 : 0))
                .putInt(group.retryQueues())
                .putInt(group.maxReconsume());
        Text.put(body, name);
        Text.put(body, more);
        return new RecordDraft(RecordKind.GROUP, body.flip());
    }

    static GroupConfig decodeGroup(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        boolean consumeEnabled = body.get() == 1;
        int retryQueues = body.getInt();
        int maxReconsume = body.getInt();
        String name = Text.get(body);
        return new GroupConfig(
                name, consumeEnabled, retryQueues, maxReconsume, body.hasRemaining() ? Text.get(body) : "");
    }
}
