package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.log.RecordKind;
import dev.tally.broker.pop.LeaseEntry;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopQueueEntry;
import dev.tally.broker.store.RequestMode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bodies of the records that are about pop. Each but the last begins with the group and the queue:
 *
 * <pre>
 * u32 queue | text group | text topic
 *
 * POPPED        u64 next | u64 pop time | u64 invisible ms | u8 1 ordered, 2 repeated | text attempt | u32 count | u64 offset each
 * POP_ENDED     u32 count | u64 offset each
 * POP_CHANGED   a lease
 * POP_STATE     u64 from | u64 to | u64 next | u8 1 ordered | text attempt | u32 count | a lease each
 * REQUEST_MODE  u8 pop | u32 shared queues | text group | text topic
 *
 * a lease       u64 offset | u64 pop time | u64 invisible ms | u32 redelivered
 * </pre>
 */
final class PopBodies {

    static final int LEASE = 3 * Long.BYTES + Integer.BYTES;

    private static final int ORDERED = 1;
    private static final int REPEATED = 2;

    private PopBodies() {}

    record Taken(
            PopKey key,
            long next,
            long popMillis,
            long invisibleMillis,
            boolean ordered,
            boolean repeated,
            String attemptId,
            List<Long> offsets) {

        List<LeaseEntry> leases() {
            return offsets.stream()
                    .map(offset -> new LeaseEntry(offset, popMillis, invisibleMillis, 0))
                    .toList();
        }

        RecordDraft draft() {
            byte[] attempt = Text.encode("attempt", attemptId);
            ByteBuffer body =
                    begin(key, 3 * Long.BYTES + 1 + Text.size(attempt) + Integer.BYTES + offsets.size() * Long.BYTES);
            body.putLong(next).putLong(popMillis).putLong(invisibleMillis);
            body.put((byte) ((ordered ? ORDERED : 0) | (repeated ? REPEATED : 0)));
            Text.put(body, attempt);
            put(body, offsets);
            return new RecordDraft(RecordKind.POPPED, body.flip());
        }

        static Taken decode(ByteBuffer record) {
            ByteBuffer body = record.duplicate();
            PopKey key = decodeKey(body);
            long next = body.getLong();
            long popMillis = body.getLong();
            long invisibleMillis = body.getLong();
            int flags = body.get();
            return new Taken(
                    key,
                    next,
                    popMillis,
                    invisibleMillis,
                    (flags & ORDERED) != 0,
                    (flags & REPEATED) != 0,
                    Text.get(body),
                    decodeOffsets(body));
        }
    }

    record Ended(PopKey key, List<Long> offsets) {

        RecordDraft draft() {
            ByteBuffer body = begin(key, Integer.BYTES + offsets.size() * Long.BYTES);
            put(body, offsets);
            return new RecordDraft(RecordKind.POP_ENDED, body.flip());
        }

        static Ended decode(ByteBuffer record) {
            ByteBuffer body = record.duplicate();
            return new Ended(decodeKey(body), decodeOffsets(body));
        }
    }

    record Changed(PopKey key, LeaseEntry lease) {

        RecordDraft draft() {
            ByteBuffer body = begin(key, LEASE);
            put(body, lease);
            return new RecordDraft(RecordKind.POP_CHANGED, body.flip());
        }

        static Changed decode(ByteBuffer record) {
            ByteBuffer body = record.duplicate();
            return new Changed(decodeKey(body), decodeLease(body));
        }
    }

    static RecordDraft draft(PopQueueEntry queue) {
        byte[] attempt = Text.encode("attempt", queue.attemptId());
        ByteBuffer body = begin(
                queue.key(),
                3 * Long.BYTES
                        + 1
                        + Text.size(attempt)
                        + Integer.BYTES
                        + queue.leases().size() * LEASE);
        body.putLong(queue.from()).putLong(queue.to()).putLong(queue.next());
        body.put((byte) (queue.ordered() ? ORDERED : 0));
        Text.put(body, attempt);
        body.putInt(queue.leases().size());
        queue.leases().forEach(lease -> put(body, lease));
        return new RecordDraft(RecordKind.POP_STATE, body.flip());
    }

    static PopQueueEntry decodeState(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        PopKey key = decodeKey(body);
        long from = body.getLong();
        long to = body.getLong();
        long next = body.getLong();
        boolean ordered = (body.get() & ORDERED) != 0;
        String attemptId = Text.get(body);
        List<LeaseEntry> leases = new ArrayList<>();
        for (int left = body.getInt(); left > 0; left--) {
            leases.add(decodeLease(body));
        }
        return new PopQueueEntry(key, from, to, next, ordered, attemptId, leases);
    }

    static RecordDraft draft(RequestMode mode) {
        byte[] group = Text.encode("group", mode.group());
        byte[] topic = Text.encode("topic", mode.topic());
        ByteBuffer body = ByteBuffer.allocate(1 + Integer.BYTES + Text.size(group) + Text.size(topic));
        body.put((byte) (mode.pop() ? 1 : 0)).putInt(mode.sharedQueues());
        Text.put(body, group);
        Text.put(body, topic);
        return new RecordDraft(RecordKind.REQUEST_MODE, body.flip());
    }

    static RequestMode decodeMode(ByteBuffer record) {
        ByteBuffer body = record.duplicate();
        boolean pop = body.get() == 1;
        int sharedQueues = body.getInt();
        return new RequestMode(Text.get(body), Text.get(body), pop, sharedQueues);
    }

    private static ByteBuffer begin(PopKey key, int more) {
        byte[] group = Text.encode("group", key.group());
        byte[] topic = Text.encode("topic", key.topic());
        ByteBuffer body = ByteBuffer.allocate(Integer.BYTES + Text.size(group) + Text.size(topic) + more);
        body.putInt(key.queueId());
        Text.put(body, group);
        Text.put(body, topic);
        return body;
    }

    private static PopKey decodeKey(ByteBuffer body) {
        int queueId = body.getInt();
        return new PopKey(Text.get(body), Text.get(body), queueId);
    }

    private static void put(ByteBuffer body, List<Long> offsets) {
        body.putInt(offsets.size());
        offsets.forEach(body::putLong);
    }

    private static List<Long> decodeOffsets(ByteBuffer body) {
        List<Long> offsets = new ArrayList<>();
        for (int left = body.getInt(); left > 0; left--) {
            offsets.add(body.getLong());
        }
        return offsets;
    }

    private static void put(ByteBuffer body, LeaseEntry lease) {
        body.putLong(lease.offset()).putLong(lease.popMillis()).putLong(lease.invisibleMillis());
        body.putInt(lease.redelivered());
    }

    private static LeaseEntry decodeLease(ByteBuffer body) {
        return new LeaseEntry(body.getLong(), body.getLong(), body.getLong(), body.getInt());
    }
}
