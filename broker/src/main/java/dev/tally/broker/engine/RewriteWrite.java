package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import java.util.List;
import java.util.function.Supplier;

/**
 * Writes current values again, so that the records that hold them now may be removed. Planned alone, so a value that was
 * submitted before cannot be overtaken by the one it replaced.
 */
final class RewriteWrite extends PendingWrite<Long> {

    private final int bytes;
    private final Supplier<List<RecordDraft>> drafts;

    RewriteWrite(int bytes, Supplier<List<RecordDraft>> drafts) {
        this.bytes = bytes;
        this.drafts = drafts;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    @Override
    public boolean plannedAlone() {
        return true;
    }

    @Override
    public List<RecordDraft> plan() {
        return drafts.get();
    }

    /** Answers the position of the first record, {@code -1} without one. */
    @Override
    public void durable(long[] positions, long timestampMillis) {
        complete(positions.length == 0 ? -1 : positions[0]);
    }
}
