package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.store.CancelOutcome;
import java.util.List;

/**
 * Recalls a delayed message. Firing and recalling are planned in log order, so the first of them wins; the other writes
 * nothing, and is answered in its turn, when the first is durable.
 */
final class CancelWrite extends PendingWrite<CancelOutcome> {

    private static final int BYTES = 48;

    private final StoreState state;
    private final MessageReader reader;
    private final long position;
    private boolean planned;

    CancelWrite(StoreState state, MessageReader reader, long position) {
        this.state = state;
        this.reader = reader;
        this.position = position;
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public List<RecordDraft> plan() {
        planned = state.timers.plan(position) != null;
        return planned ? List.of(new SmallBodies.Cancelled(position).draft()) : List.of();
    }

    @Override
    void abandoned() {
        if (planned) {
            state.timers.unplan(position);
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned) {
            state.cancelled(new SmallBodies.Cancelled(position));
        }
        if (state.timers.wasCancelled(position)) {
            complete(CancelOutcome.CANCELLED);
        } else {
            complete(reader.isVisible(position) ? CancelOutcome.ALREADY_VISIBLE : CancelOutcome.UNKNOWN);
        }
    }
}
