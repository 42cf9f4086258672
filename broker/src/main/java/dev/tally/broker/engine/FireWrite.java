package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a delayed message visible. The timer table hands out each due message once, so it fires once. */
final class FireWrite extends PendingWrite<Boolean> {

    private static final int BYTES = 56;

    private final StoreState state;
    private final long payloadPosition;
    private @Nullable QueueIndex queue;
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
        MessageRef message = state.timers.find(payloadPosition);
        if (message == null) {
            return List.of();
        }
        queue = message.queue();
        body = new SmallBodies.Fired(payloadPosition, queue.planNext());
        return List.of(body.draft());
    }

    @Override
    void abandoned() {
        if (queue != null) {
            queue.unplan();
        }
        state.timers.retry(payloadPosition);
    }

    @Override
    public void durable(long[] positions, long timestampMillis) {
        if (body != null) {
            state.fired(positions[0], body);
        }
        complete(body != null);
    }
}
