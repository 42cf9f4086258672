package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.pop.PopKey;
import dev.tally.broker.queue.QueueIndex;
import dev.tally.broker.store.CommittedOffset;
import java.util.List;

/**
 * A group's progress, never behind the end of its queue: a consumer may have read what a power cut took from the end of an
 * asynchronously flushed log, and would otherwise pass over the messages that come in its place. The end is the one at
 * this place of the log, so the record says what every later recovery may take as it is.
 */
final class OffsetWrite extends PendingWrite<CommittedOffset> {

    private final StoreState state;
    private final int bytes;
    private CommittedOffset offset;

    OffsetWrite(StoreState state, CommittedOffset offset) {
        this.state = state;
        this.offset = offset;
        this.bytes = SmallBodies.draft(offset).bytes();
    }

    @Override
    public int bytes() {
        return bytes;
    }

    /** As for the topic's messages: what a power cut takes of the progress comes again with them. */
    @Override
    public boolean waitsForForce() {
        return state.waitsForForce(offset.topic());
    }

    @Override
    public List<RecordDraft> plan() {
        state.pops.planReset(key());
        QueueIndex queue = state.queues.find(offset.topic(), offset.queueId());
        long end = queue == null ? 0 : queue.planned();
        if (offset.offset() > end) {
            offset = new CommittedOffset(offset.group(), offset.topic(), offset.queueId(), end);
        }
        return List.of(SmallBodies.draft(offset));
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        state.pops.resetSettled(key());
        state.pops.progressed(offset);
        complete(offset);
    }

    @Override
    void abandoned() {
        state.pops.resetSettled(key());
    }

    private PopKey key() {
        return new PopKey(offset.group(), offset.topic(), offset.queueId());
    }
}
