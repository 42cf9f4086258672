package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.store.HalfState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parks a half message whose checks are used up, or has a parked one asked about again, unless it was decided meanwhile. */
final class ParkingWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 64;

    private final StoreState state;
    private final long position;
    private final HalfState target;
    private @Nullable HalfState before;
    private SmallBodies.@Nullable Parked planned;

    private ParkingWrite(StoreState state, long position, HalfState target) {
        this.state = state;
        this.position = position;
        this.target = target;
    }

    static ParkingWrite park(StoreState state, long position) {
        return new ParkingWrite(state, position, HalfState.PARKED);
    }

    static ParkingWrite resume(StoreState state, long position) {
        return new ParkingWrite(state, position, HalfState.PREPARED);
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public List<RecordDraft> plan() {
        before = state.halves.planned(position);
        String owner = state.halves.ownerOf(position);
        if (owner == null || !state.halves.plan(position, owner, target)) {
            planned = null;
            return List.of();
        }
        planned = target == HalfState.PARKED
                ? new SmallBodies.Parked(position, state.halves.checksOf(position))
                : SmallBodies.Parked.resumed(position);
        return List.of(planned.draft());
    }

    @Override
    void abandoned() {
        if (planned != null) {
            state.halves.unplan(position, before);
        }
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (planned != null) {
            state.parked(planned);
        }
        complete(planned != null);
    }
}
