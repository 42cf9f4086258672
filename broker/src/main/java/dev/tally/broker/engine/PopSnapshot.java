package dev.tally.broker.engine;

import dev.tally.broker.pop.LeaseEntry;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopQueueEntry;
import dev.tally.broker.snapshot.SnapshotInput;
import dev.tally.broker.snapshot.SnapshotOutput;
import dev.tally.broker.store.RequestMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The sections of a snapshot that are about pop. */
final class PopSnapshot {

    void write(SnapshotOutput out, PopQueueEntry queue) throws IOException {
        out.putName(queue.key().group());
        out.putName(queue.key().topic());
        out.putInt(queue.key().queueId());
        out.putLong(queue.next());
        out.putByte(queue.ordered() ? 1 : 0);
        out.putName(queue.attemptId());
        out.putInt(queue.leases().size());
        for (LeaseEntry lease : queue.leases()) {
            out.putLong(lease.offset());
            out.putLong(lease.popMillis());
            out.putLong(lease.invisibleMillis());
            out.putInt(lease.redelivered());
        }
    }

    PopQueueEntry readQueue(SnapshotInput in) throws IOException {
        PopKey key = new PopKey(in.getName(), in.getName(), in.getInt());
        long next = in.getLong();
        boolean ordered = in.getByte() == 1;
        String attemptId = in.getName();
        List<LeaseEntry> leases = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            leases.add(new LeaseEntry(in.getLong(), in.getLong(), in.getLong(), in.getInt()));
        }
        return new PopQueueEntry(key, 0, Long.MAX_VALUE, next, ordered, attemptId, leases);
    }

    void write(SnapshotOutput out, RequestMode mode) throws IOException {
        out.putName(mode.group());
        out.putName(mode.topic());
        out.putByte(mode.pop() ? 1 : 0);
        out.putInt(mode.sharedQueues());
    }

    RequestMode readMode(SnapshotInput in) throws IOException {
        return new RequestMode(in.getName(), in.getName(), in.getByte() == 1, in.getInt());
    }
}
