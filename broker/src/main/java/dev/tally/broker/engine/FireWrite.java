package dev.tally.broker.engine;

import dev.tally.broker.log.RecordDraft;
import dev.tally.broker.queue.MessageRef;
import dev.tally.broker.queue.QueueIndex;
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
        MessageRef message = state.timers.plan(payloadPosition);
        if (message == null) {
            return List.of();
        }
        QueueIndex target = message.queue();
        SmallBodies.Fired fired =
                new SmallBodies.Fired(payloadPosition, target.planNext(), state.timers.lateMillis(payloadPosition));
        queue = target;
        body = fired;
        return List.of(fired.draft());
    }

    @Override
    void abandoned() {
        QueueIndex target = queue;
        if (target != null) {
            target.unplan();
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
