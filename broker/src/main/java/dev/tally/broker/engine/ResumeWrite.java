package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.store.HalfState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has a parked half message asked about again, unless it was decided meanwhile. */
final class ResumeWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 64;

    private final StoreState state;
    private final long position;
    private boolean planned;
    private @Nullable HalfState before;

    ResumeWrite(StoreState state, long position) {
        this.state = state;
        this.position = position;
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public List<RecordDraft> plan() {
        before = state.halves.planned(position);
        String owner = state.halves.ownerOf(position);
        planned = owner != null && state.halves.plan(position, owner, HalfState.PREPARED);
        return planned ? List.of(SmallBodies.Parked.resumed(position).draft()) : List.of();
    }

    @Override
    void abandoned() {
        if (planned) {
            state.halves.unplan(position, before);
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned) {
            state.parked(SmallBodies.Parked.resumed(position));
        }
        complete(planned);
    }
}
