package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.queue.QueueIndex;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves the first offset of queues behind what is not needed any more when the log is to begin at a position. From then
 * on everything from a queue's first offset on is there, whatever a group's progress is set back to.
 */
final class BoundsWrite extends PendingWrite<Integer> {

    private static final int BYTES_EACH = 128;

    private final StoreState state;
    private final List<QueueIndex> queues;
    private final long boundary;
    private final List<SmallBodies.QueueBounds> moved = new ArrayList<>();

    BoundsWrite(StoreState state, List<QueueIndex> queues, long boundary) {
        this.state = state;
        this.queues = queues;
        this.boundary = boundary;
    }

    @Override
    public int bytes() {
        return queues.size() * BYTES_EACH;
    }

    @Override
    public boolean plannedAlone() {
        return true;
    }

    @Override
    public List<RecordDraft> plan() {
        LiveMessages live = new LiveMessages(state);
        List<RecordDraft> drafts = new ArrayList<>();
        for (QueueIndex queue : queues) {
            long first = live.keepFrom(queue, boundary);
            if (first > queue.first()) {
                SmallBodies.QueueBounds bounds =
                        new SmallBodies.QueueBounds(queue.topic(), queue.queueId(), first, queue.next());
                moved.add(bounds);
                drafts.add(bounds.draft());
            }
        }
        return drafts;
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        moved.forEach(state::bounds);
        complete(moved.size());
    }
}
