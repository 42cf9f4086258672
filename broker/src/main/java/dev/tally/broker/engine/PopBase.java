package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.pop.PopQueueEntry;
import dev.tally.broker.store.RequestMode;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes again what is handed out, so that the records that say so may be removed. A queue with much of it is written in
 * several ranges. What is handed out after this was asked for has records behind it, and is not in here.
 */
final class PopBase {

    private static final int OVERHEAD_BYTES = 320;
    private static final int MODE_BYTES = 160;

    private final StoreState state;
    private final int chunkBytes;
    private final List<RewriteWrite> writes = new ArrayList<>();
    private List<Range> gathered = new ArrayList<>();
    private int bytes;

    private record Range(PopKey key, long from, long to) {}

    PopBase(StoreState state, int chunkBytes) {
        this.state = state;
        this.chunkBytes = chunkBytes;
    }

    List<RewriteWrite> writes() {
        state.pops.forEach(this::split);
        flush();
        List<RequestMode> modes = List.copyOf(state.requestModes.values());
        int together = Math.max(1, chunkBytes / MODE_BYTES);
        for (int from = 0; from < modes.size(); from += together) {
            List<RequestMode> some = modes.subList(from, Math.min(from + together, modes.size()));
            writes.add(new RewriteWrite(some.size() * MODE_BYTES, () -> modesNow(some)));
        }
        return writes;
    }

    private List<RecordDraft> modesNow(List<RequestMode> known) {
        List<RecordDraft> drafts = new ArrayList<>();
        for (RequestMode mode : known) {
            RequestMode now = state.requestModes.get(new StoreState.GroupAndTopic(mode.group(), mode.topic()));
            if (now != null) {
                drafts.add(PopBodies.draft(now));
            }
        }
        return drafts;
    }

    private void split(PopQueueEntry queue) {
        int together = Math.max(1, (chunkBytes - OVERHEAD_BYTES) / PopBodies.LEASE);
        int count = queue.leases().size();
        for (int first = 0; first < count; first += together) {
            int behind = Math.min(first + together, count);
            long from = first == 0 ? 0 : queue.leases().get(first).offset();
            long to =
                    behind == count ? queue.next() : queue.leases().get(behind).offset();
            add(new Range(queue.key(), from, to), OVERHEAD_BYTES + (behind - first) * PopBodies.LEASE);
        }
    }

    private void add(Range range, int size) {
        if (bytes > 0 && bytes + size > chunkBytes) {
            flush();
        }
        gathered.add(range);
        bytes += size;
    }

    private void flush() {
        if (!gathered.isEmpty()) {
            List<Range> ranges = gathered;
            writes.add(new RewriteWrite(bytes, () -> rangesNow(ranges)));
            gathered = new ArrayList<>();
            bytes = 0;
        }
    }

    private List<RecordDraft> rangesNow(List<Range> ranges) {
        List<RecordDraft> drafts = new ArrayList<>();
        for (Range range : ranges) {
            PopQueueEntry now = state.pops.range(range.key, range.from, range.to);
            if (now != null) {
                drafts.add(PopBodies.draft(now));
            }
        }
        return drafts;
    }
}
