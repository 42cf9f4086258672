package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import java.util.List;

/** Makes a delayed message visible. The timer table hands out each due message once, so it fires once. */
final class FireWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 48;

    private final StoreState state;
    private final SmallBodies.Fired body;

    FireWrite(StoreState state, long payloadPosition) {
        this.state = state;
        this.body = new SmallBodies.Fired(payloadPosition);
    }

    @Override
    public int bytes() {
        return BYTES;
    }

    @Override
    public List<RecordDraft> plan() {
        return List.of(body.draft());
    }

    @Override
    void abandoned() {
        state.timers.retry(body.payloadPosition());
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        state.fired(positions[0], body);
        complete(true);
    }
}
