package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a delayed message visible, unless it was recalled first. The timer table hands out each due message once, so it
 * fires once.
 */
final class FireWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 56;

    private final StoreState state;
    private final long payloadPosition;
    private SmallBodies.@Nullable Fired body;

    FireWrite(StoreState state, long payloadPosition) {
        this.state = state;
        this.payloadPosition = payloadPosition;
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public List<RecordDraft> plan() {
        if (state.timers.plan(payloadPosition) == null) {
            return List.of();
        }
        SmallBodies.Fired fired = new SmallBodies.Fired(payloadPosition, state.timers.lateMillis(payloadPosition));
        body = fired;
        return List.of(fired.draft());
    }

    @Override
    void abandoned() {
        if (body != null) {
            state.timers.unplan(payloadPosition);
        }
        state.timers.retry(payloadPosition);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        SmallBodies.Fired fired = body;
        if (fired != null) {
            state.fired(positions[0], fired);
        }
        complete(fired != null);
    }
}
